/// Options of each stage in which every field is there, and none has its default value.
package let optionSamples: [String: String] = [
  "cpio": #"{"file": "/a.cpio"}"#,
  "debian.packages": #"""
  {"extract": ["a.deb"], "steps": [{"unpack": ["a.deb"]}, {"configure": ["a"]}], "automatic": ["a"],
   "installed": [{"package": "a", "architecture": "amd64", "version": "1"}]}
  """#,
  "disk": #"""
  {"file": "/d.raw", "size": "1GiB", "id": "d", "bios-boot": true, "partitions": [{"id": "p",
   "type": "root", "label": "root", "size": "1MiB", "filesystem": {"type": "ext4", "uuid": "u",
   "label": "root", "mount-point": "/"}}]}
  """#,
  "erofs": #"{"file": "/a.erofs", "compression": "zstd", "uuid": "u"}"#,
  "files": #"""
  {"files": [{"source": "s", "destination": "/d", "mode": "0600", "owner": "o", "group": "g"}]}
  """#,
  "fstab": #"""
  {"mounts": [{"source": "s", "target": "/", "type": "ext4", "options": "rw", "pass": 1}]}
  """#,
  "grub": #"""
  {"root-uuid": "u", "firmware": ["bios"], "command-line": "ro", "timeout": 3, "serial": false}
  """#,
  "hostname": #"{"name": "n"}"#,
  "initramfs": "{}",
  "iso": #"""
  {"source": "/s", "file": "/i", "label": "L", "id": "i", "serial-number": "s",
   "firmware": ["bios"], "command-line": "c", "serial": false}
  """#,
  "keyboard": #"{"layout": "us", "model": "m", "variant": "v", "options": ["o"]}"#,
  "locale": #"{"default": "C.UTF-8", "generate": ["g"]}"#,
  "normalise": "{}",
  "oci": #"""
  {"tag": "t", "entrypoint": ["e"], "command": ["c"], "environment": {"A": "b"},
   "labels": {"l": "m"}, "user": "u", "working-directory": "/w"}
  """#,
  "ova": #"""
  {"source": "/a", "raw": "/r", "file": "/b", "title": "t", "memory": "2GiB", "processors": 2,
   "firmware": "bios"}
  """#,
  "qemu-img": #"{"source": "/a", "file": "/b", "format": "qcow2", "id": "i"}"#,
  "script": #"{"script": "s", "interpreter": ["/bin/x"], "environment": {"A": "b"}}"#,
  "squashfs": #"{"file": "/a.squashfs", "compression": "zstd"}"#,
  "systemd": #"{"enable": ["a"], "disable": ["b"], "mask": ["c"], "default-target": "d"}"#,
  "tar": #"{"file": "/a.tar", "compression": "xz"}"#,
  "timezone": #"{"zone": "UTC"}"#,
  "users": #"""
  {"groups": [{"name": "g", "gid": 5}], "users": [{"name": "u", "uid": 6, "gid": 7, "comment": "c",
   "groups": ["x"], "home": "/h", "shell": "/s", "password-hash": "*", "ssh-keys": ["k"]}]}
  """#,
  "virtual-disk": #"""
  {"source": "/a", "file": "/b", "format": "qcow2", "id": "i", "revision": "r"}
  """#,
]

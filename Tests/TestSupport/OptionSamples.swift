/// Options of each stage in which every field is there, and none has its default value.
package let optionSamples: [String: String] = [
  "container.root": #"{"layers": ["a", "b"]}"#,
  "container.store": #"""
  {"images": [{"name": "localhost/a:1", "created": "2025-01-02T03:04:05Z",
   "manifest": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
   "configuration": "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
   "layers": [{
    "blob": "sha256:2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "archive": "sha256:3123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]}]}
  """#,
  "cpio": #"{"file": "/a.cpio"}"#,
  "debian.packages": #"""
  {"extract": ["a.deb"], "steps": [{"unpack": ["a.deb"]}, {"configure": ["a"]}], "automatic": ["a"],
   "answers": ["a a/b string c"], "held": ["a"], "foreign": ["i386"], "machine-keys": ["/etc/k"],
   "installed": [{"package": "a", "architecture": "amd64", "version": "1"}]}
  """#,
  "disk": #"""
  {"file": "/d.raw", "size": "1GiB", "unit": "1GiB", "table": "mbr", "id": "d", "bios": "grub", "beside": ["/srv"], "partitions":
   [{"id": "p", "type": "root", "type-id": "0c", "label": "root", "start": "1MiB", "size": "1MiB", "image": "/i",
   "filesystem": {"type": "ext4", "uuid": "u",
   "label": "root", "mount-point": "/"}}]}
  """#,
  "erofs": #"{"file": "/a.erofs", "compression": "zstd", "uuid": "u"}"#,
  "files": #"""
  {"files": [{"source": "s", "destination": "/d", "mode": "0600", "owner": "o", "group": "g",
   "xattrs": {"user.a": "b"}}],
   "remove": ["/r"], "directories": [{"path": "/p", "mode": "0700", "owner": "o", "group": "g",
   "keep": true}], "links": [{"path": "/l", "target": "t"}],
   "hard-links": [{"path": "/h", "target": "/d"}]}
  """#,
  "fstab": #"""
  {"mounts": [{"source": "s", "target": "/", "type": "ext4", "options": "rw", "pass": 1}],
   "keep": true}
  """#,
  "gce": #"{"source": "/a", "file": "/b"}"#,
  "grub": #"""
  {"boot-uuid": "u", "separate-boot": true, "firmware": ["bios"], "esp": "/efi",
   "command-line": "ro", "timeout": 3, "serial": false, "entries": "e"}
  """#,
  "hostname": #"{"name": "n"}"#,
  "initramfs": #"{"generator":"initramfs-tools","modules":["m"]}"#,
  "iso": #"""
  {"source": "/s", "file": "/i", "label": "L", "id": "i", "serial-number": "s",
   "firmware": ["bios"], "command-line": "c", "serial": false}
  """#,
  "keyboard": #"{"layout": "us", "model": "m", "variant": "v", "options": ["o"]}"#,
  "locale": #"{"default": "C.UTF-8", "generate": ["g"]}"#,
  "normalise": #"{"keep": ["/var/tmp/k"]}"#,
  "ostree.commit": #"{"ref": "r", "subject": "s", "version": "1"}"#,
  "ostree.deploy": #"""
  {"ref": "r", "stateroot": "s", "arguments": ["rw"], "separate-boot": true}
  """#,
  "ostree.layout": "{}",
  "root-image": #"""
  {"type": "erofs", "uuid": "u", "beside": ["/home"], "verity": {"uuid": "v", "salt": "aa"}}
  """#,
  "syslinux": #"{"command-line": "ro", "timeout": 3, "serial": false}"#,
  "systemd-boot": #"{"esp": "/efi", "command-line": "ro", "timeout": 3, "entries": false}"#,
  "oci": #"""
  {"tag": "t", "entrypoint": ["e"], "command": ["c"], "environment": {"A": "b"},
   "labels": {"l": "m"}, "user": "u", "working-directory": "/w", "ports": ["80/tcp"],
   "volumes": ["/v"], "stop-signal": "SIGQUIT"}
  """#,
  "ova": #"""
  {"source": "/a", "raw": "/r", "file": "/b", "title": "t", "memory": "2GiB", "processors": 2,
   "firmware": "bios"}
  """#,
  "qemu-img": #"{"source": "/a", "file": "/b", "format": "qcow2", "id": "i"}"#,
  "script": #"{"script": "s", "interpreter": ["/bin/x"], "environment": {"A": "b"}}"#,
  "squashfs": #"{"file": "/a.squashfs", "compression": "zstd"}"#,
  "systemd": #"""
  {"enable": ["a"], "disable": ["b"], "mask": ["c"], "default-target": "d", "extend": ["e"]}
  """#,
  "tar": #"{"file": "/a.tar", "compression": "xz"}"#,
  "timezone": #"{"zone": "UTC"}"#,
  "unified-kernel": #"{"esp": "/efi", "command-line": "ro"}"#,
  "users": #"""
  {"groups": [{"name": "g", "gid": 5, "spare-gid": 8}], "users": [{"name": "u", "uid": 6, "gid": 7, "group": "g", "comment": "c",
   "groups": ["x"], "home": "/h", "shell": "/s", "password-hash": "*", "ssh-keys": ["k"],
   "locked": true, "expires": 20000, "make-home": false, "linger": true}]}
  """#,
  "btrfs": #"""
  {"file": "/x", "size": "1GiB", "uuid": "u", "device-uuid": "d", "label": "l", "mount-point": "/",
   "beside": ["/home"], "subvolumes": ["srv"]}
  """#,
  "xfs": #"""
  {"file": "/x", "size": "1GiB", "uuid": "u", "label": "l", "mount-point": "/", "beside": ["/home"]}
  """#,
  "virtual-disk": #"""
  {"source": "/a", "file": "/b", "format": "qcow2", "id": "i", "revision": "r"}
  """#,
]

/// Options of each stage in which every field is there, and none has its default value.
package let optionSamples: [String: String] = [
  "debian.packages": #"""
  {"extract": ["a.deb"], "steps": [{"unpack": ["a.deb"]}, {"configure": ["a"]}], "automatic": ["a"],
   "answers": ["a a/b string c"], "held": ["a"],
   "installed": [{"package": "a", "architecture": "amd64", "version": "1"}]}
  """#,
  "disk": #"""
  {"file": "/d.raw", "size": "1GiB", "id": "d", "bios-boot": true, "partitions": [{"id": "p",
   "type": "root", "label": "root", "size": "1MiB", "filesystem": {"type": "ext4", "uuid": "u",
   "label": "root", "mount-point": "/"}}]}
  """#,
  "files": #"""
  {"files": [{"source": "s", "destination": "/d", "mode": "0600", "owner": "o", "group": "g"}],
   "remove": ["/r"], "directories": [{"path": "/p", "mode": "0700", "owner": "o", "group": "g"}],
   "links": [{"path": "/l", "target": "t"}]}
  """#,
  "fstab": #"""
  {"mounts": [{"source": "s", "target": "/", "type": "ext4", "options": "rw", "pass": 1}]}
  """#,
  "grub": #"""
  {"root-uuid": "u", "firmware": ["bios"], "command-line": "ro", "timeout": 3, "serial": false}
  """#,
  "hostname": #"{"name": "n"}"#,
  "initramfs": "{}",
  "keyboard": #"{"layout": "us", "model": "m", "variant": "v", "options": ["o"]}"#,
  "locale": #"{"default": "C.UTF-8", "generate": ["g"]}"#,
  "normalise": "{}",
  "qemu-img": #"{"source": "/a", "file": "/b", "format": "qcow2"}"#,
  "script": #"{"script": "s", "interpreter": ["/bin/x"], "environment": {"A": "b"}}"#,
  "systemd": #"{"enable": ["a"], "disable": ["b"], "mask": ["c"], "default-target": "d"}"#,
  "tar": #"{"file": "/a.tar"}"#,
  "timezone": #"{"zone": "UTC"}"#,
  "users": #"""
  {"groups": [{"name": "g", "gid": 5}], "users": [{"name": "u", "uid": 6, "gid": 7, "comment": "c",
   "groups": ["x"], "home": "/h", "shell": "/s", "password-hash": "*", "ssh-keys": ["k"],
   "locked": true, "expires": 20000, "make-home": false, "linger": true}]}
  """#,
]

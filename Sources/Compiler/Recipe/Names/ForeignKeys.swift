internal import Model

/// Keys of other tools' recipes at a place of ours, and what says the same here.
///
/// They are those of mkosi, debos, live-build, vmdb2, kiwi, osbuild's blueprints, cloud-init, BlueBuild, Butane and Ansible.
private struct ForeignKeys {
  /// A key that only mappings at this place have.
  var place: String
  /// In lower case, with hyphens; several that mean the same have spaces between them.
  var keys: KeyValuePairs<String, String>
}

/// What to do about a key that another tool has; nil where it is nobody's.
@Sendable func guide(_ key: String, among known: [String]) -> String? {
  let word = key.lowercased().replacing("_", with: "-")
  let place = foreignKeys.first { known.has($0.place) }
  return place?.keys.first { $0.key.parts(at: " ").has(word) }?.value
}

private let foreignKeys: [ForeignKeys] = [
  ForeignKeys(
    place: "base",
    keys: [
      "suite release distribution distro codename debian parent-distribution debootstrap":
        "write the release in the base: 'base: {debian: trixie}'",
      "mirror mirrors archive components archive-areas repositories keyring snapshot":
        "write it in the base: 'base: {debian: trixie, components: [main, contrib]}'",
      "base-image from image-base basetrees base-tree":
        "write it in the base: 'base: {container: docker://…}'",
      "packages package package-lists apt install buildpackages packageset bootstrap":
        "add a module: '- {type: packages, install: [nginx]}'",
      "removepackages": "add a module: '- {type: packages, remove: [nano]}'",
      "actions steps stages pipelines tasks": "write them as 'modules', each with a 'type'",
      "runcmd bootcmd run script scripts hooks chroot shell command commands postinstallationscripts finalizescripts"
        + " buildscripts preparescripts":
        "add a module: '- type: script' with 'run: |' and the commands below it",
      "write-files files overlay overlays extratrees skeletontrees includes includes-chroot copy":
        "add a module: '- type: files' with 'files', each with 'source' or 'content', and"
        + " 'destination'",
      "users user groups rootpassword rootshell passwd ssh-authorized-keys":
        "add a module: '- {type: users, users: [{name: ada}]}'",
      "services systemd units": "add a module: '- {type: systemd, enable: [ssh.service]}'",
      "hostname fqdn": "add a module: '- {type: hostname, name: web}'",
      "locale lang language": "add a module: '- {type: locale, default: en_US.UTF-8}'",
      "timezone": "add a module: '- {type: timezone, zone: Europe/Berlin}'",
      "keyboard keymap keytable": "add a module: '- {type: keyboard, layout: de}'",
      "customizations preferences config": "write its contents as 'modules', each with a 'type'",
      "kernel kernelcommandline kernel-cmdline cmdline bootappend-live":
        "write kernel arguments as 'command-line' of an image",
      "format output outputs type image-type imageformats":
        "write 'images', each with a name and 'formats': '- {name: disk, formats: [qcow2]}'",
      "disk disks partitions filesystem filesystems bootloader size imagesize image-size repartdirectories firmware":
        "write it in an item of 'images'",
      "arch architecture": "write 'architectures: [amd64]'",
      "source-date-epoch sourcedateepoch": "write it as 'epoch', an RFC 3339 time",
      "vars env environment parameters": "write 'variables', and set them with --set",
      "include includes import imports": "write '- from-file: FILE' among the modules",
      "id image-version imageid": "write it as 'name'",
    ]),
  ForeignKeys(
    // Where types of modules are known: those of BlueBuild and debos.
    place: "cloud-init",
    keys: [
      "apt apt-get dnf rpm-ostree debootstrap mmdebstrap install": "write 'type: packages'",
      "overlay copy write-files": "write 'type: files'",
      "run command exec chroot raw containerfile runcmd": "write 'type: script'",
      "service services": "write 'type: systemd'",
      "user passwd": "write 'type: users'",
      "dracut mkinitramfs": "write 'type: initramfs'",
      "partition image-partition filesystem-deploy": "write 'partitions' in an item of 'images'",
      "pack compress": "write 'formats' in an item of 'images'",
    ]),
  ForeignKeys(
    place: "foreign-architectures",
    keys: [
      "suite release distribution distro codename version": "write 'debian: trixie'",
      "image from container-image baseimage base-image": "write 'container: docker://…'",
      "url uri archive": "write it as 'mirror'",
      "component areas archive-areas": "write 'components: [main, contrib]'",
      "repositories repos sources": "write them in a module: '- type: packages', 'repositories'",
      "variant include packages":
        "write packages in a module: '- {type: packages, install: [vim]}'",
    ]),
  ForeignKeys(
    place: "password-hash",
    keys: [
      "primary-group groupname": "write 'group'",
      "gid":
        "the user's own group has the number of 'uid'; for another, write 'group: NAME' and create it in 'groups' with its 'gid'",
      "passwd hashed-passwd password hashed-password plain-text-passwd encrypted-password":
        "write 'password-hash', with the output of 'mkpasswd -m yescrypt'",
      "ssh-authorized-keys authorized-keys key sshkeys pubkey ssh-key": "write 'ssh-keys'",
      "gecos fullname full-name description realname": "write 'comment'",
      "homedir home-dir homedirectory": "write 'home'",
      "lock-passwd locked-passwd password-lock": "write 'locked: true', or omit the password",
      "sudo": "add 'groups: [sudo]', or a module: '- type: sudo'",
      "expiredate expiry": "write 'expires'",
    ]),
  ForeignKeys(
    place: "destination",
    keys: [
      "path dest dst to target targetpath": "write 'destination'",
      "src from local file": "write 'source'",
      "permissions perms chmod": "write 'mode', as octal digits in quotes: \"0644\"",
      "contents text data inline": "write 'content'",
      "user uid": "write 'owner': a name, or a number in quotes",
      "gid": "write 'group': a name, or a number in quotes",
      "encoding append overwrite defer": "remove it: 'content' is always the whole file, as text",
    ]),
  ForeignKeys(
    place: "formats",
    keys: [
      "format type output image-type": "write 'formats: [qcow2]'",
      "kernel-cmdline cmdline kernelcommandline kernel-options kernelcmdline append":
        "write 'command-line'",
      "disk-size image-size imagesize": "write 'size'",
      "loader boot-loader": "write 'bootloader'",
      "partitiontype partition-type table": "write 'partition-table: gpt'",
      "luks encrypt encryption lvm raid":
        "remove it: images have no encryption, LVM or RAID; set them up on the machine",
      "label volume-label volume-id": "remove it: an ISO has the name of the image",
      "filesystem fstype root-fs rootfs":
        "write it in 'partitions': '[{mount: /, filesystem: ext4}]'",
      "compression compress compressoutput":
        "choose a format: tar.zst, or 'qcow2: {compression: zstd}'",
    ]),
  ForeignKeys(
    place: "subvolumes",
    keys: [
      "mountpoint mount-point": "write 'mount'",
      "fs fstype fs-type format": "write 'filesystem'",
      "name partlabel fslabel volume-id": "write 'label'",
      "luks encrypt encryption encrypted crypt lvm raid":
        "remove it: images have no encryption, LVM or RAID; set them up on the machine",
      "end sizeminbytes sizemaxbytes minsize": "write 'size'",
      "mkfs-options fsoptions mount-options": "write 'options', which are those of mount(8)",
      "growfs growfilesystem resize": "write 'grow: true'",
    ]),
  ForeignKeys(
    place: "interpreter",
    keys: [
      "script scripts command commands content snippets runcmd inline exec": "write 'run'",
      "source path src": "write 'file'",
      "shell": "write 'interpreter: [/bin/bash, -eu]'",
      "env vars": "write 'environment'",
      "chroot": "remove it: a script always runs in the image",
    ]),
  ForeignKeys(
    place: "default-target",
    keys: [
      "enabled system": "write 'enable'",
      "disabled": "write 'disable'",
      "masked": "write 'mask'",
      "dropins overrides": "write 'drop-ins'",
    ]),
  ForeignKeys(
    place: "recommends",
    keys: [
      "packages package names add include": "write 'install'",
      "exclude uninstall removes absent": "write 'remove'",
      "repos sources ppa": "write 'repositories'",
      "debs local": "write 'files'",
      "preseed preseeds": "write 'debconf'",
    ]),
]

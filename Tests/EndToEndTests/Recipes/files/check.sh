# Asks the programs of the tree what they make of what the modules wrote.
expect() {
  said=$(eval "$1" 2>&1) || true
  [ "$said" = "$2" ] || { printf '%s\nsaid: %s\nnot:  %s\n' "$1" "$said" "$2"; exit 1; }
}
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f /run/key
/usr/sbin/sshd -T -h /run/key >/run/sshd.conf
for line in 'port 22' 'port 2222' 'permitrootlogin no' 'passwordauthentication no' \
  'x11forwarding no' 'maxauthtries 3' 'allowgroups operators' \
  'authorizedkeysfile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u'; do
  grep -qx "$line" /run/sshd.conf || { echo "sshd does not say: $line"; exit 1; }
done
expect 'ssh-keygen -l -f /etc/ssh/authorized_keys.d/admin | cut -d" " -f1,4' '256 (ED25519)'
expect 'visudo -c | tail -1' '/etc/sudoers.d/README: parsed OK'
expect 'sudo -l -U admin | grep -c "NOPASSWD: ALL"' 1
expect 'sudo -l -U service | tail -1' '    (admin) /usr/bin/systemctl restart web.service'
expect 'systemd-analyze verify --man=no --recursive-errors=no backup.timer hello.service first-boot-setup.service' ''
expect 'systemctl --root=/ is-enabled hello.service backup.timer nftables.service systemd-networkd.service first-boot-mark.service | sort -u' enabled
expect 'systemctl --root=/ get-default' multi-user.target
expect '/usr/lib/systemd/systemd-sysctl --cat-config | grep -c "^net.ipv4.ip_forward = 1$"' 1
expect 'modprobe --showconfig | grep -E "^(blacklist pcspkr|options zram)"' 'blacklist pcspkr
options zram num_devices=1'
expect 'openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/company-root.crt' \
  '/usr/local/share/ca-certificates/company-root.crt: OK'
expect 'cloud-init schema --config-file /var/lib/cloud/seed/nocloud/user-data | tail -1' 'Valid schema /var/lib/cloud/seed/nocloud/user-data'
expect '. /etc/os-release; echo "$PRETTY_NAME $ID $ID_LIKE $VERSION_CODENAME"' 'Example OS 1.2 example debian trixie'
expect 'getent hosts db' '192.0.2.20      db.example.org db'
expect 'cat /etc/hostname; getent hosts 127.0.1.1' 'modules.example.org
127.0.1.1       modules.example.org modules'
expect 'stat -c "%a %U:%G" /srv/data /srv/data/note' '2775 root:operators
640 admin:operators'
expect 'readlink -f /usr/local/bin/vi' /usr/bin/vim.tiny
expect 'getent shadow guest trainee | cut -d: -f1,2,8' 'guest:!:1
trainee:!:21915'
expect 'id service; getent passwd service | cut -d: -f6,7' 'uid=600(service) gid=600(service) groups=600(service)
/nonexistent:/usr/sbin/nologin'
expect 'locale -a | grep _' 'de_DE.utf8
en_US.utf8'
expect 'cat /etc/initramfs-tools/conf.d/particle; tail -1 /etc/initramfs-tools/modules' 'MODULES=most
COMPRESS=xz
COMPRESSLEVEL=1
virtio_scsi'
expect 'ls /usr/share/locale /usr/share/man/man1 /usr/share/info | grep -vE "^$|:$" | sort -u | tr "\n" " "' 'de locale.alias '
test -s /usr/share/doc/bash/copyright
test ! -e /etc/cron.daily/dpkg
dpkg --audit

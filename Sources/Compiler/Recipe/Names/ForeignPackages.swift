internal import Model

/// Names by which people know a package elsewhere, and what Debian has for them.
package enum ForeignPackages {
  /// What to do about a package that Debian does not have; nil where nothing is known of it.
  static func remedy(for name: String) -> String? {
    if let own = debian[name] { return "Debian has it as '\(own)'" }
    if docker.contains(name) {
      return
        "Debian has Docker as 'docker.io'; for Docker's own packages, add its repository to 'repositories'"
    }
    if kernels.contains(name) {
      return "write the kernel as a module: '- type: kernel'"
    }
    return nil
  }

  private static let docker: Set<String> = [
    "docker-ce", "docker-ce-cli", "docker-buildx-plugin", "docker-compose-plugin", "containerd.io",
  ]

  private static let kernels: Set<String> = [
    "linux-generic", "linux-image-generic", "linux-virtual", "linux-lts", "kernel", "kernel-core",
  ]

  /// Names of Ubuntu, Fedora, Alpine and Arch, and of programs, by Debian's.
  package static let debian: [String: String] = [
    "base-devel": "build-essential", "bind-utils": "bind9-dnsutils",
    "build-base": "build-essential", "chromium-browser": "chromium",
    "cronie": "cron", "dig": "bind9-dnsutils",
    "firefox": "firefox-esr", "gcc-c++": "g++", "httpd": "apache2", "ifconfig": "net-tools",
    "iproute": "iproute2", "java-17-openjdk": "default-jdk", "killall": "psmisc",
    "kubectl": "kubernetes-client", "mysql-client": "default-mysql-client",
    "mysql-server": "default-mysql-server", "mysql": "default-mysql-server",
    "nfs-utils": "nfs-common", "node": "nodejs", "nslookup": "bind9-dnsutils",
    "openjdk": "default-jdk", "openssh": "openssh-server", "openssl-devel": "libssl-dev",
    "pip": "python3-pip", "postgres": "postgresql", "postgresql-server": "postgresql",
    "ps": "procps", "python": "python3", "python-pip": "python3-pip",
    "python3-devel": "python3-dev", "qemu-kvm": "qemu-system-x86", "sqlite": "sqlite3",
    "sshd": "openssh-server",
    "vim-enhanced": "vim", "yarn": "yarnpkg",
  ]
}

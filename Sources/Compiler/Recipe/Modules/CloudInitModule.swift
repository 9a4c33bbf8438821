package import Model
internal import YAML

/// What makes a machine its own in a cloud.
package struct CloudInitModule: Module {
  enum Datasource: String, Sendable, CaseIterable {
    case noCloud = "NoCloud"
    case configDrive = "ConfigDrive"
    case openStack = "OpenStack"
    case ec2 = "Ec2"
    case azure = "Azure"
    case gce = "GCE"
    case hetzner = "Hetzner"
    case digitalOcean = "DigitalOcean"
    case vultr = "Vultr"
    case vmware = "VMware"
    case none = "None"
  }

  var datasources: [Located<Datasource>]
  var settings: String?
  var userData: Located<Content>?
  var metaData: String?

  package static let type = "cloud-init"
  package static let summary = "Let cloud-init configure the machine at its first boot."
  package static let isSingle = true
  package static let example = """
    - type: cloud-init
      datasources: [NoCloud, Ec2, None]
      settings: |
        preserve_hostname: true
        ssh_pwauth: false
      user-data: |
        #cloud-config
        runcmd: [[touch, /var/lib/cloud-was-here]]
    """
  package static let notes = """
    `datasources` are tried in the order in which they are listed. Without any, cloud-init detects the datasource
    itself, and does nothing if it finds none. `user-data` and `meta-data` are a seed for NoCloud in
    `/var/lib/cloud/seed/nocloud`. Anyone who has the image can read them, so do not put secrets there.

    `settings` are written to `/etc/cloud/cloud.cfg.d/90-particle.cfg`. Unless they set `manage_etc_hosts`, the file
    also has `manage_etc_hosts: localhost`, which puts the name that a cloud gives the machine into `/etc/hosts`.

    cloud-init sets up the network through systemd-networkd and systemd-resolved, which this module enables unless the
    recipe has a [network](network.md) module. Interfaces that no datasource describes get their addresses from DHCP.
    """

  private typealias Written = (
    datasources: [Located<Datasource>], settings: String?, data: Located<String>?,
    file: Located<String>?,
    meta: String?
  )

  package static let schema = Schema<Written>.object(
    Field(
      "datasources", { $0.datasources }, .list(of: Schema<Datasource>.choice.located), default: [],
      "The datasources to try, in order."),
    Field(optional: "settings", { $0.settings }, yaml, "Settings for cloud-init, in YAML."),
    Field(
      optional: "user-data", { $0.data }, Schema<String>.string.located,
      "The user data of the NoCloud seed."),
    Field(
      optional: "user-data-file", { $0.file }, Schema<String>.localPath.located,
      "A file with the user data, relative to the file that names it."),
    Field(
      optional: "meta-data", { $0.meta }, yaml,
      "The meta-data of the NoCloud seed, in YAML: instance-id, local-hostname."),
    make: { (datasources: $0, settings: $1, data: $2, file: $3, meta: $4) }
  ).mapped(
    { (written, node, problems) -> CloudInitModule? in
      if written.data != nil, written.file != nil {
        problems.report(
          "'user-data' and 'user-data-file' cannot be combined", at: node.mark,
          remedy: "keep one of them")
        return nil
      }
      let data =
        written.data.map { Located(Content.text($0.value), at: $0.mark) }
        ?? written.file.map { Located(Content.path($0), at: $0.mark) }
      if data != nil || written.meta != nil, !written.datasources.isEmpty,
        !written.datasources.contains(where: { $0.value == .noCloud })
      {
        problems.report(
          "a seed needs the datasource NoCloud, which is not in the list",
          at: written.datasources.first?.mark, remedy: "add NoCloud to the list")
        return nil
      }
      return CloudInitModule(
        datasources: written.datasources, settings: written.settings, userData: data,
        metaData: written.meta)
    },
    {
      (
        $0.datasources, $0.settings, $0.userData?.value.given.map { Located($0) },
        $0.userData?.value.source, $0.metaData
      )
    })

  /// YAML in YAML: a mapping as text, so that it stays as it is written.
  private static let yaml = Schema<String>.string.mapped(
    { (text, node, problems) -> String? in
      do throws(Refusal) {
        guard case .object = try YAML.parse(Array(text.utf8), file: "settings").value else {
          problems.report(
            "expected a YAML mapping", at: node.mark, remedy: "write 'name: value' lines")
          return nil
        }
        return text
      } catch {
        let inner = error.diagnostics.first
        problems.report(
          inner?.problem ?? "invalid YAML", at: node.mark,
          remedy: inner?.mark.map { "see line \($0.line) of the text" })
        return nil
      }
    }, { $0 })

  package var needs: [String] { ["cloud-init"] }

  /// cloud-init says how the network is, to a program that must be there: networkd, where the recipe chooses none.
  package func needs(among modules: [Located<any Module>]) -> [String] {
    needs + (network(among: modules)?.needs ?? [])
  }

  private func network(among modules: [Located<any Module>]) -> NetworkModule? {
    modules.contains { $0.value is NetworkModule } ? nil : .waiting
  }

  package var contents: [Content] { [userData?.value].compactMap { $0 } }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    guard let userData else { return }
    userData.value.refuseBinary("the user data", contents, &problems)
    let text = userData.value.text(contents)
    if text.isEmpty || text.hasPrefix("#") { return }
    problems.report(
      "cloud-init does not recognise this user data", at: userData.mark,
      remedy: "begin it with '#cloud-config', or with '#!/bin/sh' for a script")
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var text = ""
    if !datasources.isEmpty {
      text += "datasource_list: [\(datasources.map(\.value.rawValue).joined(separator: ", "))]\n"
    }
    if !hasSetting("manage_etc_hosts") { text += "manage_etc_hosts: localhost\n" }
    text += settings ?? ""
    var files = text.isEmpty ? [] : [PlacedFile("/etc/cloud/cloud.cfg.d/90-particle.cfg", text)]
    if userData != nil || metaData != nil {
      let seed = "/var/lib/cloud/seed/nocloud"
      // NoCloud wants both files, and an instance's id.
      files += [
        PlacedFile(
          "\(seed)/user-data", userData?.value.text(contents) ?? "#cloud-config\n{}\n", mode: 0o600),
        PlacedFile("\(seed)/meta-data", metaData ?? "instance-id: particle\n"),
      ]
    }
    return (files.isEmpty ? [] : [Step(placing: files)])
      + (network(among: modules)?.steps(among: modules, contents) ?? [])
  }

  /// Whether the settings have a key; they were read as a mapping.
  private func hasSetting(_ key: String) -> Bool {
    guard let settings, let node = try? YAML.parse(Array(settings.utf8), file: "settings") else {
      return false
    }
    return node[key] != nil
  }
}

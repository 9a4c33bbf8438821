internal import Model
internal import StageContracts

/// The files of a Debian system that no package has and debootstrap or the installer writes, for a system
/// that starts from nothing.

/// A name for the machine where the recipe gives none: with `localhost`, one that DHCP or cloud-init
/// knows takes its place (hostname(5)).
func namelessHost(_ recipe: Recipe) -> [Step] {
  recipe.modules.contains { $0.value is HostnameModule } ? [] : [Step(Hostname(name: "localhost"))]
}

/// Debian as a source of packages, with its security updates: the addresses are those that apt's own
/// example has, and never the build's mirror.
func usualSources(_ recipe: Recipe, _ lock: Lock, on architecture: Architecture) -> [Step] {
  guard case .debian(let base) = recipe.base, base.hasSources,
    // Another key signs another archive.
    base.keyring == DebianBase.debianKeyring, lock.system.names(on: architecture).contains("apt"),
    // Sources that bring their own keys are further ones: without Debian, the system would get no updates.
    !recipe.modules.all(AptSourcesModule.self).contains(where: \.value.hasDebian)
  else { return [] }
  let isSecurity = { (suite: String) in suite.hasSuffix("-security") }
  func paragraph(_ address: String, _ suites: [String]) -> String {
    guard !suites.isEmpty else { return "" }
    return """
      Types: deb
      URIs: $\(address)
      Suites: \(suites.joined(separator: " "))
      Components: \(base.components.joined(separator: " "))
      Signed-By: \(DebianBase.debianKeyring)

      """
  }
  let paragraphs = [
    paragraph("debian", base.suites.filter { !isSecurity($0) }),
    paragraph("security", base.suites.filter(isSecurity)),
  ].filter { !$0.isEmpty }
  return [
    Step(
      running: """
        examples=/usr/share/doc/apt/examples
        addresses() { cat $examples/*sources* | grep -Eo 'https?://[^ ]+' | sort -u; }
        if ! debian=$(addresses | grep -v -e -security -m 1) ||
          ! security=$(addresses | grep -e -security -m 1)
        then
          echo "the addresses of Debian's archive are not in $examples, where the package apt has them:" \
            "'apt-sources: false' in the recipe's base leaves them out" >&2
          exit 1
        fi
        cat >/etc/apt/sources.list.d/debian.sources <<END
        \(paragraphs.joined(separator: "\n"))END

        """)
  ]
}

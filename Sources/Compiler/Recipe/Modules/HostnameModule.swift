package import Model
internal import StageContracts

/// The name that the machine goes by.
package struct HostnameModule: Module {
  var name: Located<String>

  package static let type = "hostname"
  package static let summary = Hostname.summary
  package static let isSingle = true
  package static let example = """
    - type: hostname
      name: web.example.org
    """
  package static let notes = """
    The name is written to `/etc/hostname`. `/etc/hosts` maps it, along with its first label, to `127.0.1.1`.

    Packages are installed before that, so that another name does not install them again: meanwhile the machine is called
    `localhost`. If a package copies the host name to its own settings, correct them with a [script](script.md) module:

    ```yaml
    - type: packages
      install: [postfix]
    - type: script
      run: postconf myhostname=mail.example.org
    ```
    """

  package static let schema = Schema<Self>.object(
    Field(
      "name", { $0.name }, hostname.located,
      "The host name: labels of a-z, 0-9 and '-', separated by dots."
    ),
    make: { HostnameModule(name: $0) })

  /// hostname(5): at most 64 characters; RFC 1123, section 2.1: labels of at most 63 letters,
  /// digits and hyphens, no hyphen at an end.
  private static let hostname: Schema<String> = {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return .text(
      "\(label)(\\.\(label))*", "host name",
      "use lower-case letters, digits and '-' (not at an end), with dots between labels"
    ).refusing {
      $0.utf8.count <= 64
        ? nil : ("the host name is \($0.utf8.count) characters long", "use at most 64")
    }
  }()

  package var destinations: [Located<String>] { [Located("/etc/hostname", at: name.mark)] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [Step(Hostname(name: name.value))]
  }
}

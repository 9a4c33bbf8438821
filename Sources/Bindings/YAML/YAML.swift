internal import CYAML

/// The version of libyaml, as it says it.
package func yamlVersion() -> String { String(cString: yaml_get_version_string()) }

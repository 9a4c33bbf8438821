import Files
import TestSupport
import Testing

extension EndToEnd {
  /// Packages of the archive that pre-depend on others, which tools/choose-packages has chosen.
  @Suite(.serialized, .besideAnother, .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct PreDependencies {
    static let chosen: [String] = {
      let path = Places.repository + "/Tests/EndToEndTests/Recipes/chosen-packages.txt"
      let text = (try? Files.readText(path)) ?? ""
      return text.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }()

    @Test(arguments: chosen) func `a package is installed as apt-get installs it`(name: String)
      throws
    {
      try tool(
        [
          "python3", Places.repository + "/tools/prove-packages", "--apt", "--work",
          "\(scratch)/proven", name,
        ], from: "python3")
      try FullTest.prove("pre-dependencies", [name, "as by apt-get"], key: 1)
    }
  }
}

import FuzzDriver
import Model
import Runner

/// Reads every text as a manifest: that gives one, which can be planned and written, or diagnostics;
/// all else is a defect.
@main enum ManifestFuzzing {
  static func main() {
    fuzz { text in
      do throws(Refusal) {
        let manifest = try Manifest.read(text, file: "manifest.json")
        _ = try Plan(manifest, exports: [])
        let written = Manifest.schema.encode(manifest).canonicalBytes
        let again = try Manifest.read(written, file: "again.json")
        precondition(Manifest.schema.encode(again).canonicalBytes == written, "it changes")
      } catch {
        precondition(!error.diagnostics.isEmpty, "refused without a reason")
      }
    }
  }
}

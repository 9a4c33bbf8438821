import Compiler
import Files
import FuzzDriver
import Glibc
import Model

/// Reads every text as a recipe: that gives one, or diagnostics; all else is a defect.
@main enum RecipeFuzzing {
  static func main() {
    let path = "/dev/shm/particle-fuzz-\(getpid()).yml"
    fuzz { text in
      do { try Files.write(text, to: path) } catch { preconditionFailure("\(error)") }
      do throws(Refusal) { _ = try Recipe.read(path, for: "amd64") } catch {
        precondition(!error.diagnostics.isEmpty, "refused without a reason")
        _ = Report(colour: false).text(error.diagnostics) { try? Files.readText($0) }
      }
    }
  }
}

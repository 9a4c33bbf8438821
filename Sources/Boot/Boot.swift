internal import Processes

package func bootPlaceholder() -> [String] { Command(["true"]).arguments }

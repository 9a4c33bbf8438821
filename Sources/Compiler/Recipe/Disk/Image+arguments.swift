internal import Model

extension Recipe {
  /// Reports kernel arguments that an image's boot loader cannot give to the kernel as they are written.
  func refuseArguments(_ problems: inout Problems) {
    let further = modules.all(KernelModule.self).flatMap(\.value.commandLine)
    for image in images.map(\.value) {
      guard let boot = image.boot else { continue }
      let lines = [boot.commandLine].compactMap { $0 } + further
      for line in lines {
        guard let (problem, remedy) = image.problem(with: line.value) else { continue }
        problems.report(problem, at: line.mark, remedy: remedy)
      }
      let size = lines.reduce(0) { $0 + $1.value.utf8.count + 1 }
      guard size > KernelArguments.limit else { continue }
      problems.report(
        "the kernel arguments of the image '\(image.name)' are \(size) bytes long",
        at: lines.last?.mark,
        remedy: "shorten them to \(KernelArguments.limit): the kernel cuts off the rest")
    }
  }
}

extension Image {
  /// What is wrong with kernel arguments in this image, and what to do about it; nil for nothing.
  fileprivate func problem(with line: String) -> (String, String)? {
    guard let boot else { return nil }
    if line.count(where: { $0 == "\"" }) % 2 != 0 {
      return ("a double quote is not closed in '\(line.shortened)'", "write name=\"two words\"")
    }
    // An iso starts by GRUB whatever the disk starts by.
    if boot.loader == .grub || hasLiveSystem {
      for argument in KernelArguments(line).arguments {
        guard let reason = KernelArguments.problemInGRUB(argument) else { continue }
        var remedy = KernelArguments.isEmpty(argument) ? "remove it" : "remove the character"
        if boot.loader == .grub, !hasLiveSystem {
          remedy += ", or use 'bootloader: systemd-boot'"
          // Its hook for later kernels has its own trouble with these.
          if boot.updates, line.contains("\\") { remedy += " with 'bootloader-updates: false'" }
        }
        return (
          "grub cannot pass on the kernel argument '\(argument.shortened)': \(reason)", remedy
        )
      }
    }
    if boot.loader == .systemdBoot, !boot.isUnified, boot.updates, line.contains("\\") {
      return (
        "the hook that adds later kernels to systemd-boot's menu would treat the backslash as an"
          + " escape",
        "remove it from '\(line.shortened)', or add 'bootloader-updates: false'"
      )
    }
    return nil
  }
}

// swift-tools-version: 6.2
import PackageDescription

/// Every stage: its folder under `Sources/StageBins`, and the type its contract declares.
let stages = [
  ("btrfs", "Btrfs"),
  ("container.root", "ContainerRoot"),
  ("container.store", "ContainerStore"),
  ("cpio", "Cpio"),
  ("debian.packages", "DebianPackages"),
  ("disk", "Disk"),
  ("erofs", "EROFS"),
  ("files", "FileCopies"),
  ("fstab", "Fstab"),
  ("gce", "GCEImage"),
  ("grub", "Grub"),
  ("hostname", "Hostname"),
  ("initramfs", "Initramfs"),
  ("iso", "LiveISO"),
  ("keyboard", "Keyboard"),
  ("locale", "Locale"),
  ("normalise", "Normalise"),
  ("oci", "OCIImage"),
  ("ostree.commit", "OSTreeCommit"),
  ("ostree.deploy", "OSTreeDeploy"),
  ("ostree.layout", "OSTreeLayout"),
  ("ova", "OVA"),
  ("qemu-img", "QemuImg"),
  ("root-image", "RootImage"),
  ("script", "Script"),
  ("squashfs", "Squashfs"),
  ("syslinux", "Syslinux"),
  ("systemd", "Systemd"),
  ("systemd-boot", "SystemdBoot"),
  ("tar", "TarArchive"),
  ("timezone", "Timezone"),
  ("unified-kernel", "UnifiedKernel"),
  ("users", "Users"),
  ("xfs", "Xfs"),
  ("virtual-disk", "VirtualDisk"),
]

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func library(
  _ name: String, at path: String, needs: [Target.Dependency] = [], without: [String] = []
) -> Target {
  .target(
    name: name, dependencies: needs, path: "Sources/\(path)", exclude: without,
    swiftSettings: strict)
}

func program(
  _ name: String, at path: String, needs: [Target.Dependency], without: [String] = [],
  linker: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: needs, path: "Sources/\(path)", exclude: without,
    swiftSettings: strict, linkerSettings: linker)
}

func clibrary(_ name: String, _ pkgConfig: String?, _ package: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Bindings/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])]
  )
}

/// Tests are not optimised, whatever they test: that takes minutes, and they run once.
let unoptimised: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

func tests(_ name: String, of needs: [Target.Dependency], resources: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: needs, exclude: resources, swiftSettings: strict + unoptimised)
}

/// The stages whose body is more than one file: the others are in the folder `Parts` beside it.
let stagesOfParts = [
  "btrfs", "container.store", "cpio", "debian.packages", "disk", "grub", "iso", "normalise", "oci",
  "ova", "users",
  "virtual-disk", "xfs",
]

/// What a stage's body needs beside what every body has.
let furtherNeeds: [String: [Target.Dependency]] = [
  "container.root": ["Layers"], "container.store": ["Compression", "Hashing", "Layers"],
  "debian.packages": ["Deb"],
]

/// A stage is one small file that needs nothing of the tree it is started in.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(["-static-executable", "-Xlinker", "--gc-sections", "-Xlinker", "-s"])
]

/// A program has Swift's libraries in it, and so runs where no toolchain is: only Debian's are linked when it starts.
let withoutToolchain: [LinkerSetting] = [
  .unsafeFlags([
    "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims", "-Xlinker",
    "--gc-sections",
  ])
]

/// The program that libFuzzer drives: it takes its library, so it is built by tools/fuzz alone.
let fuzzers: [Target] =
  Context.environment["PARTICLE_FUZZ"] == nil
  ? [] : [program("fuzz-reader", at: "../Tests/Fuzzing/Program", needs: ["FuzzReaders"])]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "particle-os",
  products: [
    .executable(name: "particle", targets: ["particle"]),
    .executable(name: "particle-compile", targets: ["particle-compile"]),
    .executable(name: "particle-run", targets: ["particle-run"]),
    .executable(name: "particle-read-ext", targets: ["particle-read-ext"]),
  ]
    + stages.map { folder, _ in
      .executable(name: "particle-stage-\(folder)", targets: ["particle-stage-\(folder)"])
    },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    library("Model", at: "Model"),

    clibrary("CYAML", "yaml-0.1", "libyaml-dev"),
    clibrary("CJansson", "jansson", "libjansson-dev"),
    clibrary("COSTree", "ostree-1", "libostree-dev"),
    clibrary("CCrypto", "libcrypto", "libssl-dev"),
    clibrary("CExt2", "ext2fs", "libext2fs-dev"),
    .systemLibrary(name: "CLinux", path: "Sources/Bindings/CLinux"),
    clibrary("CCurl", "libcurl", "libcurl4-openssl-dev"),
    clibrary("CLZMA", nil, "liblzma-dev"),
    clibrary("CZstd", nil, "libzstd-dev"),
    clibrary("CZlib", nil, "zlib1g-dev"),
    library("YAML", at: "Bindings/YAML", needs: ["Model", "CYAML"]),
    library("Transfer", at: "Bindings/Transfer", needs: ["Model", "Files", "CCurl"]),
    library("JSON", at: "Bindings/JSON", needs: ["Model", "CJansson"]),
    library("OSTree", at: "Bindings/OSTree", needs: ["Model", "COSTree"]),
    library("Ext2", at: "Bindings/Ext2", needs: ["Model", "CExt2"]),
    library("Hashing", at: "Bindings/Hashing", needs: ["Model", "Files", "CCrypto"]),
    library("Files", at: "Bindings/Files", needs: ["Model", "CLinux"]),
    library("Processes", at: "Bindings/Processes", needs: ["Model", "Files", "CLinux"]),
    library(
      "Compression", at: "Bindings/Compression", needs: ["Model", "CLZMA", "CZstd", "CZlib"]),

    library(
      "StageContracts", at: "StageBins", needs: ["Model"],
      without: stages.map { folder, _ in "\(folder)/Body.swift" }
        + stagesOfParts.map { "\($0)/Parts" }),
    library(
      "Fetch", at: "Fetch",
      needs: ["Model", "Files", "Hashing", "JSON", "Processes", "Transfer"]),
    library("Trees", at: "Trees", needs: ["Model", "Files", "Hashing"]),
    library("Tar", at: "Tar", needs: ["Model"]),
    library("Deb", at: "Deb", needs: ["Model", "Files", "Compression", "Tar"]),
    library("Layers", at: "Layers", needs: ["Model", "Files", "Compression", "Tar"]),
    library(
      "StageKit", at: "StageKit", needs: ["Model", "JSON", "Files", "Processes", "Tar", "CLinux"]),

    library(
      "Compiler", at: "Compiler",
      needs: [
        "Model", "StageContracts", "Deb", "Fetch", "YAML", "JSON", "Hashing", "Files", "Processes",
        "Layers", "Tar", "Transfer",
      ],
      without: ["Program"]),
    program(
      "particle-compile", at: "Compiler/Program",
      needs: ["Compiler", "Files", "Model", "Usage", argumentParser], linker: withoutToolchain),

    library(
      "Runner", at: "Runner",
      needs: [
        "Model", "StageContracts", "Fetch", "JSON", "Hashing", "Files", "Processes", "Transfer",
        "Trees", "CLinux",
      ],
      without: ["Program"]),
    program(
      "particle-run", at: "Runner/Program",
      needs: ["Runner", "Processes", "Usage", argumentParser], linker: withoutToolchain),

    library("Usage", at: "Usage", needs: ["Model", "Files", argumentParser]),

    library("DiskFormats", at: "DiskFormats", needs: ["Model", "Files"]),
    library("ExtRecord", at: "ExtReader/Record", needs: ["Model"]),
    library(
      "ExtWalking", at: "ExtReader/Walk", needs: ["Model", "Ext2", "ExtRecord", "Files", "Hashing"]),
    program(
      "particle-read-ext", at: "ExtReader/Program",
      needs: ["Model", "ExtRecord", "ExtWalking", "Files"], linker: selfContained),
    library(
      "Inspection", at: "Inspection",
      needs: [
        "Model", "Compression", "DiskFormats", "ExtRecord", "Files", "Hashing", "JSON", "Layers",
        "Processes", "Runner", "Tar", "Trees",
      ]),

    library(
      "Provenance", at: "Provenance",
      needs: [
        "Model", "StageContracts", "Deb", "Files", "Hashing", "JSON", "Processes", "Tar",
      ]),

    library(
      "Reporting", at: "Reporting",
      needs: ["Compiler", "Files", "JSON", "Model", "Provenance", "Runner", "Trees"]),

    .executableTarget(
      name: "particle-init", path: "Sources/Init", cSettings: [.unsafeFlags(["-Os"])],
      linkerSettings: selfContained + [.unsafeFlags(["-nostartfiles"])]),

    library(
      "Boot", at: "Boot", needs: ["DiskFormats", "Model", "Files", "JSON", "Processes"]),
    program(
      "particle", at: "Particle",
      needs: [
        "Boot", "Compiler", "Hashing", "Inspection", "JSON", "Provenance", "Reporting", "Runner",
        "Model",
        "StageContracts", "Files", "Processes", "Usage", argumentParser,
      ], linker: withoutToolchain),

    library(
      "FuzzReaders", at: "../Tests/Fuzzing/Readers",
      needs: [
        "Compiler", "Compression", "Deb", "DiskFormats", "ExtRecord", "ExtWalking", "Files",
        "Inspection", "Model", "Runner", "Tar", "Trees",
      ]),
    tests("FuzzingTests", of: ["Files", "FuzzReaders", "Model", "TestSupport"]),
    .target(
      name: "TestSupport", dependencies: ["Model", "JSON", "Files", "Processes"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    tests("ModelTests", of: ["Model", "StageContracts", "Hashing", "JSON", "TestSupport"]),
    tests("TreesTests", of: ["Trees", "Files", "Hashing", "Model", "Processes", "TestSupport"]),
    tests("BindingsTests", of: ["OSTree", "Files", "Model", "Processes", "TestSupport"]),
    tests(
      "CompilerTests",
      of: [
        "Compiler", "Model", "StageContracts", "YAML", "JSON", "Hashing", "Files", "Processes",
        "TestSupport",
      ], resources: ["Refusals", "Golden", "Examples", "Index"]),
    tests(
      "RunnerTests",
      of: [
        "Fetch", "Runner", "Inspection", "StageContracts", "Model", "Files", "Hashing", "JSON",
        "Processes", "Transfer", "Trees", "TestSupport",
      ],
      resources: ["Golden"]),
    tests(
      "InspectionTests",
      of: [
        "Boot", "DiskFormats", "ExtRecord", "Inspection", "Runner", "Model", "Files", "Processes",
        "Trees", "TestSupport",
      ],
      resources: ["Golden"]),
    program(
      "particle-stage-trial", at: "../Tests/TrialStage",
      needs: ["Model", "StageKit", "Files", "CLinux"],
      linker: selfContained),
    tests(
      "ProvenanceTests",
      of: ["Provenance", "Files", "Hashing", "JSON", "Model", "Processes", "TestSupport"],
      resources: ["Golden"]),
    tests("ReportingTests", of: ["Reporting", "Trees", "Files", "Model", "TestSupport"]),
    tests(
      "StageTests",
      of: [
        "StageKit", "StageContracts", "Model", "JSON", "Files", "Processes", "Tar", "TestSupport",
      ]),
    tests(
      "EndToEndTests",
      of: ["Boot", "Compiler", "Model", "JSON", "Files", "Processes", "TestSupport"],
      resources: ["Recipes"]),
  ]
    + stages.map { folder, type in
      program(
        "particle-stage-\(folder)", at: "StageBins/\(folder)",
        needs: ["Model", "StageContracts", "StageKit", "Files", "Processes", "Tar"]
          + furtherNeeds[folder, default: []],
        without: ["\(type).swift"], linker: selfContained)
    } + fuzzers,
  swiftLanguageModes: [.v6]
)

internal import StageContracts

/// All formats, in the order in which people see them.
///
/// A new one is a name here, and its file beside this one.
let formatCatalog: [any ImageFormat] = [
  RawFormat(), QCOW2Format(), VMDKFormat(), VDIFormat(), VHDXFormat(), VHDFormat(), GCEFormat(),
  OVAFormat(),
  ISOFormat(),
  TarFormat(.none), TarFormat(.gzip), TarFormat(.zstd), TarFormat(.xz),
  CpioFormat(), SquashfsFormat(), EROFSFormat(), DirectoryFormat(),
  OCIFormat(), OCIArchiveFormat(),
  OSTreeFormat(),
]

import Files
import Inspection
import Model
import Processes
import TestSupport

/// Two folders of files that differ in all that files can differ in, and images made of them by the
/// tools that make images.
struct ImagePair {
  var folder: String

  static let formats = [
    "folder", "tar", "tar.gz", "tar.xz", "tar.zst", "cpio", "ext4", "ext2", "squashfs", "erofs",
    "btrfs",
    "vfat", "iso", "qcow2", "vmdk", "vdi", "vhdx", "vpc",
  ]

  static func with<Result>(_ body: (ImagePair) throws -> Result) throws -> Result {
    try withTemporaryDirectory(in: Places.repository + "/.build") { folder in
      let fixture = ImagePair(folder: folder)
      try fixture.shell(files)
      for (name, note) in [("old", "first"), ("new", "second")] {
        let attribute = ExtendedAttribute(name: "user.note", value: Array(note.utf8))
        try Files.setAttribute(attribute, of: "\(folder)/\(name)/etc/hostname")
      }
      return try body(fixture)
    }
  }

  /// Makes `old` and `new`.
  private static let files = #"""
    mkdir -p old/etc old/bin old/dev old/empty old/boot
    echo one >old/etc/hostname
    printf 'a\nb\nc\n' >old/etc/list
    ln old/etc/list old/etc/z-name
    ln -s hostname old/etc/link
    seq 200000 | tr '\n' '\0' >old/bin/tool
    chmod 4755 old/bin/tool
    printf 'a%.0s' $(seq 255) >old/etc/$(printf 'n%.0s' $(seq 200))
    ln -s "$(printf 'x/%.0s' $(seq 100))" old/etc/long-link
    mkfifo old/dev/pipe
    mknod old/dev/null c 1 3
    mknod old/dev/disk b 259 1048575
    truncate -s 3000000 old/empty/holes
    printf end >>old/empty/holes
    chown 70000:80000 old/etc/list
    echo same >"old/etc/name with blanks"
    mkdir -p archive/conf
    echo early >archive/early
    (cd archive && find . | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible) >early
    initramfs() {
      echo "$1" >archive/conf/name
      ln -f archive/conf/name archive/conf/same
      find archive | xargs touch -h -d @1000000000
      (cat early; cd archive && find . | LC_ALL=C sort |
        cpio --quiet -o -H newc --reproducible | zstd -q)
    }
    initramfs one >old/boot/initrd
    cp -a old new
    initramfs two >new/boot/initrd
    echo two >new/etc/hostname
    printf 'a\nB\nc\n' >new/etc/list
    printf X | dd of=new/bin/tool bs=1 seek=777777 conv=notrunc status=none
    rm new/dev/pipe
    mknod -m 600 new/dev/zero c 1 5
    chmod 700 new/empty
    chown 1:2 new/boot/initrd
    ln -sf list new/etc/link
    rm new/empty/holes
    mkdir new/empty/holes
    find old new | xargs -d '\n' touch -h -d @1000000000
    touch -d @1234567890 new/etc/long-link -h
    """#

  /// The image of one of the folders.
  func image(_ name: String, _ format: String) throws(Failure) -> String {
    if format == "folder" { return "\(folder)/\(name)" }
    let image = "\(name).\(format)"
    if Files.exists("\(folder)/\(image)") { return "\(folder)/\(image)" }
    try shell("tree=\(name) image=\(image)\n" + (Self.recipes[format] ?? "false"))
    return "\(folder)/\(image)"
  }

  private static let recipes: [String: String] = {
    let tar = "tar -C $tree --sort=name --xattrs --sparse --format=pax -c ."
    // The root's time is else when lost+found was made.
    let ext = "E2FSPROGS_FAKE_TIME=1000000000 mke2fs -q -d $tree"
    var recipes = [
      "tar": "\(tar) >$image", "tar.gz": "\(tar) | gzip -n >$image",
      "tar.xz": "\(tar) | xz >$image",
      "tar.zst": "\(tar) | zstd -q >$image",
      "cpio": "(cd $tree && find . | LC_ALL=C sort | cpio --quiet -o -H newc) >$image",
      "ext4": "\(ext) -t ext4 $image 32M", "ext2": "\(ext) -t ext2 $image 32M",
      "squashfs": "mksquashfs $tree $image -quiet -no-progress >&2",
      // fsck.erofs 1.5 makes two files of one with two names, 1.8 does not.
      "erofs": """
      cp -a $tree $tree.erofs.files && rm $tree.erofs.files/etc/z-name
      touch -d @1000000000 $tree.erofs.files/etc
      mkfs.erofs --quiet $image $tree.erofs.files >&2
      """,
      // It gives some folders the time at which it runs.
      "btrfs":
        "NO_FAKE_STAT=1 faketime -f '2001-09-09 01:46:40' mkfs.btrfs -q --rootdir $tree $image >&2",
      "vfat":
        "mkfs.vfat -C $image 20000 >&2 && mcopy -m -s -i $image $tree/etc/hostname $tree/bin ::",
      "iso": "xorriso -as mkisofs -quiet -R -o $image $tree >&2",
      "disk": """
      truncate -s 40M $image
      printf 'label: gpt\\nlabel-id: 11111111-1111-4111-8111-111111111111\\n\
      start=2048,size=2048,name=a,uuid=11111111-1111-4111-8111-11111111111%s\\n\
      start=6144,size=65536,name=root,uuid=11111111-1111-4111-8111-111111111113\\n' \
      $(test $tree = old && echo 1 || echo 2) | sfdisk -q $image
      \(ext) -t ext4 $image.root 32M
      dd if=$image.root of=$image bs=1M seek=3 conv=notrunc,sparse status=none
      """,
    ]
    for format in ["qcow2", "vmdk", "vdi", "vhdx", "vpc"] {
      recipes[format] = """
        \(ext) -t ext4 $image.root 32M
        qemu-img convert -O \(format) $image.root $image
        """
    }
    return recipes
  }()

  /// Runs a script of the shell in the folder.
  @discardableResult
  func shell(_ script: String) throws(Failure) -> String {
    try Command(["env", "-C", folder, "sh", "-euc", script]).runChecked().text
  }

  func compare(_ old: String, _ new: String) throws(Failure) -> ImageDifference {
    let scratch = try Scratch(in: folder, ownerless: nil)
    defer { scratch.remove() }
    return try ImageComparison(in: scratch).compare(old, new)
  }
}

internal import CLZMA
internal import CZlib
internal import CZstd
package import Model

/// Undoes a compression piece by piece, for what is larger than memory.
package final class Decompressor {
  private let name: String
  private let more: () throws(Failure) -> [UInt8]
  private let codec: any Codec
  private let isPlain: Bool
  private var input: [UInt8]
  private var used = 0
  /// Whether there was room for no more: then there may be more to give of what was taken.
  private var wasFull = false
  /// Bytes so far.
  private var taken = 0
  private var given = 0

  /// - Parameters:
  ///   - compression: Which.
  ///   - start: The first bytes.
  ///   - name: What the file is called in a failure.
  ///   - more: Gives the compressed bytes that follow; none at their end.
  /// - Throws: When the decompressor cannot start.
  package init(
    _ compression: Compression, _ start: [UInt8], name: String,
    _ more: @escaping () throws(Failure) -> [UInt8]
  ) throws(Failure) {
    let codec: (any Codec)? =
      switch compression {
      case .none: Plain()
      case .gzip: Gunzip()
      case .zstd: Unzstd()
      case .xz: Unxz()
      }
    guard let codec else {
      throw Failure("decompress", name, cause: "the decoder could not be started")
    }
    self.codec = codec
    isPlain = compression == .none
    self.name = name
    self.more = more
    input = start
  }

  /// The next bytes; none at the end.
  ///
  /// - Throws: When the bytes are damaged, end too early, or come to far more than they are.
  package func next() throws(Failure) -> [UInt8] {
    while true {
      if used == input.count, !wasFull || codec.flawAtEnd == nil {
        (input, used) = (try more(), 0)
        if input.isEmpty {
          if let flaw = codec.flawAtEnd { throw Failure("decompress", name, cause: flaw) }
          return []
        }
      }
      var output: [UInt8] = []
      let start = used
      if let flaw = codec.step(input, &used, &output) {
        throw Failure("decompress", name, cause: flaw)
      }
      taken += used - start
      given += output.count
      wasFull = output.count == chunkSize
      guard given <= max(Limits.decompressed, taken * Limits.expansion) || isPlain else {
        throw Failure(
          "decompress", name,
          cause:
            "\(taken) bytes expand to more than \(Limits.expansion) times that size, which looks"
            + " like an attack",
          remedy: "if the file consists only of zeros, keep it as a sparse file")
      }
      if !output.isEmpty { return output }
    }
  }
}

private let chunkSize = 1 << 18

private protocol Codec {
  /// Takes bytes of `input` from `used` on, and gives what they come to: at most a chunk.
  ///
  /// Returns what is wrong with them.
  func step(_ input: [UInt8], _ used: inout Int, _ output: inout [UInt8]) -> String?
  /// What is wrong when no more bytes come.
  var flawAtEnd: String? { get }
}

private struct Plain: Codec {
  var flawAtEnd: String? { nil }

  func step(_ input: [UInt8], _ used: inout Int, _ output: inout [UInt8]) -> String? {
    output = used == 0 ? input : Array(input[used...])
    used = input.count
    return nil
  }
}

private final class Gunzip: Codec {
  private var stream = z_stream()
  /// Whether the last of the streams that follow each other is whole.
  private var isWhole = false

  init?() {
    guard particle_inflate_gzip(&stream) == Z_OK else { return nil }
  }

  deinit { inflateEnd(&stream) }

  var flawAtEnd: String? { isWhole ? nil : "the gzip data ends too early" }

  func step(_ input: [UInt8], _ used: inout Int, _ output: inout [UInt8]) -> String? {
    var flaw: String?
    let start = used
    var end = used
    output = [UInt8](unsafeUninitializedCapacity: chunkSize) { room, made in
      input.withUnsafeBufferPointer { input in
        // The library takes a pointer it could write through, and does not.
        stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
        stream.avail_in = UInt32(input.count - start)
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        if isWhole { inflateReset(&stream) }
        let result = inflate(&stream, Z_NO_FLUSH)
        isWhole = result == Z_STREAM_END
        if result != Z_OK, result != Z_STREAM_END, result != Z_BUF_ERROR {
          flaw = "the gzip data is damaged (\(result))"
        }
        end = input.count - Int(stream.avail_in)
        made = room.count - Int(stream.avail_out)
      }
    }
    used = end
    return flaw
  }
}

private final class Unzstd: Codec {
  private let context: OpaquePointer
  private var hint = 0

  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  var flawAtEnd: String? { hint == 0 ? nil : "the zstd data ends too early" }

  func step(_ input: [UInt8], _ used: inout Int, _ output: inout [UInt8]) -> String? {
    var hint = 0
    var end = used
    let start = used
    output = [UInt8](unsafeUninitializedCapacity: chunkSize) { room, made in
      input.withUnsafeBytes { source in
        var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: start)
        var to = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        hint = ZSTD_decompressStream(context, &to, &from)
        (end, made) = (from.pos, to.pos)
      }
    }
    self.hint = hint
    used = end
    guard ZSTD_isError(hint) == 0 else {
      return "the zstd data is damaged: \(String(cString: ZSTD_getErrorName(hint)))"
    }
    return nil
  }
}

private final class Unxz: Codec {
  private var stream = particle_lzma_stream()
  /// Whether the last of the streams that follow each other is whole.
  private var isWhole = false

  init?() {
    guard start() else { return nil }
  }

  deinit { lzma_end(&stream) }

  var flawAtEnd: String? { isWhole ? nil : "the xz data ends too early" }

  private func start() -> Bool {
    lzma_stream_decoder(&stream, UInt64(Limits.decoder), 0) == LZMA_OK
  }

  func step(_ input: [UInt8], _ used: inout Int, _ output: inout [UInt8]) -> String? {
    if isWhole {
      // Zeros may pad a stream.
      used = input[used...].firstIndex { $0 != 0 } ?? input.count
      if used == input.count { return nil }
      guard start() else { return "the decoder could not be started" }
      isWhole = false
    }
    var result = LZMA_OK
    var end = used
    let start = used
    output = [UInt8](unsafeUninitializedCapacity: chunkSize) { room, made in
      input.withUnsafeBufferPointer { input in
        stream.next_in = input.baseAddress.map { $0 + start }
        stream.avail_in = input.count - start
        stream.next_out = room.baseAddress
        stream.avail_out = room.count
        result = lzma_code(&stream, LZMA_RUN)
        end = input.count - stream.avail_in
        made = room.count - stream.avail_out
      }
    }
    used = end
    isWhole = result == LZMA_STREAM_END
    switch result {
    case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: return nil
    case LZMA_MEMLIMIT_ERROR:
      return "it needs more memory than \(ByteSize(bytes: Limits.decoder)), the limit"
    default: return "the xz data is damaged (\(result.rawValue))"
    }
  }
}

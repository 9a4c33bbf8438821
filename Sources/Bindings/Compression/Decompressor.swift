internal import CZlib
internal import CZstd
package import Model

/// Undoes a compression piece by piece, for what is larger than memory.
package final class Decompressor {
  private let name: String
  private let more: () throws(Failure) -> [UInt8]
  private let codec: any Codec
  private var input: [UInt8]
  private var used = 0
  /// Whether there was room for no more: then there may be more to give of what was taken.
  private var wasFull = false

  /// - Parameters:
  ///   - compression: gzip, zstd or none.
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
      case .xz: nil
      }
    guard let codec else {
      throw Failure("decompress", name, cause: "the decoder does not start")
    }
    self.codec = codec
    self.name = name
    self.more = more
    input = start
  }

  /// The next bytes; none at the end.
  ///
  /// - Throws: When the bytes are damaged or end too early.
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
      if let flaw = codec.step(input, &used, &output) {
        throw Failure("decompress", name, cause: flaw)
      }
      wasFull = output.count == chunkSize
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
    // The library takes a pointer it could write through, and does not.
    var copy = input
    let start = used
    var end = used
    output = [UInt8](unsafeUninitializedCapacity: chunkSize) { room, made in
      copy.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress?.advanced(by: start)
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

internal import CLZMA
internal import CZlib
internal import CZstd
package import Model

/// The compressions that Debian's archives use.
package enum Compression: String, Sendable, CaseIterable {
  case none = ""
  case gzip = ".gz"
  case xz = ".xz"
  case zstd = ".zst"

  /// Undoes the compression of a whole file.
  ///
  /// - Parameters:
  ///   - bytes: The compressed bytes; several streams one after the other are read as one.
  ///   - name: What the file is called in a failure.
  /// - Returns: The bytes as they were before.
  /// - Throws: When the bytes are damaged or end too early.
  package func decompress(_ bytes: ArraySlice<UInt8>, name: String) throws(Failure) -> [UInt8] {
    let flow: Flow
    switch self {
    case .none: return Array(bytes)
    case .gzip: flow = gunzip(bytes)
    case .xz: flow = unxz(bytes)
    case .zstd: flow = unzstd(bytes)
    }
    if let flaw = flow.flaw { throw Failure("decompress", name, cause: flaw) }
    return flow.output
  }
}

/// What a decompressor gave until it stopped, and why it stopped when that was too early.
private struct Flow {
  var output: [UInt8] = []
  var flaw: String?
}

private let chunkSize = 1 << 18

/// More than most packages grow to: room that is not used costs nothing, growing does.
private func room(for bytes: ArraySlice<UInt8>) -> Int { bytes.count * 6 }

/// LZMA_CONCATENATED, a macro that Swift cannot see.
private let concatenated: UInt32 = 0x08

private func unxz(_ bytes: ArraySlice<UInt8>) -> Flow {
  var flow = Flow()
  flow.output.reserveCapacity(room(for: bytes))
  var stream = particle_lzma_stream()
  guard lzma_stream_decoder(&stream, UInt64.max, concatenated) == LZMA_OK else {
    return Flow(flaw: "the xz decoder does not start")
  }
  defer { lzma_end(&stream) }
  var chunk = [UInt8](repeating: 0, count: chunkSize)
  bytes.withUnsafeBufferPointer { input in
    stream.next_in = input.baseAddress
    stream.avail_in = input.count
    var result = LZMA_OK
    while result == LZMA_OK {
      let made = chunk.withUnsafeMutableBufferPointer { room in
        stream.next_out = room.baseAddress
        stream.avail_out = room.count
        result = lzma_code(&stream, LZMA_FINISH)
        return room.count - stream.avail_out
      }
      flow.output += chunk[..<made]
    }
    if result != LZMA_STREAM_END { flow.flaw = "the xz data is damaged (\(result.rawValue))" }
  }
  return flow
}

private func gunzip(_ bytes: ArraySlice<UInt8>) -> Flow {
  var flow = Flow()
  flow.output.reserveCapacity(room(for: bytes))
  var stream = z_stream()
  guard particle_inflate_gzip(&stream) == Z_OK else {
    return Flow(flaw: "the gzip decoder does not start")
  }
  defer { inflateEnd(&stream) }
  // The library takes a pointer it could write through, and does not.
  var input = Array(bytes)
  var chunk = [UInt8](repeating: 0, count: chunkSize)
  input.withUnsafeMutableBufferPointer { input in
    stream.next_in = input.baseAddress
    stream.avail_in = UInt32(input.count)
    var result = Z_OK
    while result == Z_OK {
      let made = chunk.withUnsafeMutableBufferPointer { room in
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        result = inflate(&stream, Z_NO_FLUSH)
        return room.count - Int(stream.avail_out)
      }
      flow.output += chunk[..<made]
      if result == Z_STREAM_END, stream.avail_in > 0 { result = inflateReset(&stream) }
    }
    if result != Z_STREAM_END { flow.flaw = "the gzip data is damaged (\(result))" }
  }
  return flow
}

private func unzstd(_ bytes: ArraySlice<UInt8>) -> Flow {
  guard let context = ZSTD_createDCtx() else {
    return Flow(flaw: "the zstd decoder does not start")
  }
  defer { ZSTD_freeDCtx(context) }
  var flow = Flow()
  flow.output.reserveCapacity(room(for: bytes))
  var chunk = [UInt8](repeating: 0, count: chunkSize)
  bytes.withUnsafeBytes { source in
    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
    var hint = 1
    while true {
      let made = chunk.withUnsafeMutableBytes { room in
        var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        hint = ZSTD_decompressStream(context, &output, &input)
        return output.pos
      }
      if ZSTD_isError(hint) != 0 {
        flow.flaw = "the zstd data is damaged: \(String(cString: ZSTD_getErrorName(hint)))"
        return
      }
      flow.output += chunk[..<made]
      // A full chunk means that there may be more to give even when all is read.
      if input.pos == input.size, made < chunkSize { break }
    }
    if hint != 0 { flow.flaw = "the zstd data ends too early" }
  }
  return flow
}

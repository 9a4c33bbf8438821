internal import CYAML
internal import Model

/// One step of a YAML document, as libyaml tells it.
struct Event {
  enum Kind {
    case documentStart
    case documentEnd
    case streamEnd
    case alias(String)
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
    case other
  }

  var kind: Kind
  var anchor: String?
  var tag: String?
  var mark: Mark
}

/// The owner of a libyaml parser and of the text it reads.
struct EventReader: ~Copyable {
  let file: String
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8], file: String) {
    self.file = file
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else { preconditionFailure("out of memory") }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  func next() throws(Diagnostic) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    let mark = mark(from: event.start_mark, to: event.end_mark)
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, mark: mark)
    case YAML_STREAM_END_EVENT: return Event(kind: .streamEnd, mark: mark)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias(text(event.data.alias.anchor) ?? ""), mark: mark)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return Event(
        kind: .scalar(
          String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
        anchor: text(scalar.anchor), tag: text(scalar.tag), mark: mark)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(
        kind: .sequenceStart, anchor: text(start.anchor), tag: text(start.tag), mark: mark)
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, mark: mark)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(
        kind: .mappingStart, anchor: text(start.anchor), tag: text(start.tag), mark: mark)
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, mark: mark)
    default: return Event(kind: .other, mark: mark)
    }
  }

  private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func mark(from start: yaml_mark_t, to end: yaml_mark_t) -> Mark {
    let length = end.line == start.line ? Int(end.column) - Int(start.column) : 1
    return Mark(
      file: file, line: Int(start.line) + 1, column: Int(start.column) + 1, length: length)
  }

  private func syntaxError() -> Diagnostic {
    let said = parser.pointee.problem.map { String(cString: $0) } ?? "the parser gave no reason"
    if parser.pointee.error == YAML_READER_ERROR {
      let offset = min(parser.pointee.problem_offset, input.count)
      let isControl = said.hasPrefix("control characters")
      return Diagnostic(
        isControl ? "a control character is not allowed here" : "invalid UTF-8: \(said)",
        at: place(ofByte: offset),
        remedy: isControl
          ? "remove it, or write it as an escape in double quotes: \"\\x07\""
          : "save the file as UTF-8")
    }
    let place = parser.pointee.problem_mark
    let mark = mark(from: place, to: place)
    if said.hasPrefix("found character that cannot start any token"), isTab(mark) {
      return Diagnostic("YAML cannot be indented with tabs", at: mark, remedy: "indent with spaces")
    }
    let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
    return Diagnostic("invalid YAML: \(said)\(context)", at: mark)
  }

  private func isTab(_ mark: Mark) -> Bool {
    let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(mark.line - 1) else { return false }
    let line = String(decoding: lines[mark.line - 1], as: UTF8.self).unicodeScalars
    return line.dropFirst(mark.column - 1).first == "\t"
  }

  private func place(ofByte offset: Int) -> Mark {
    let before = input[..<offset]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let column = String(decoding: input[lineStart..<offset], as: UTF8.self).unicodeScalars.count + 1
    return Mark(file: file, line: line, column: column)
  }
}

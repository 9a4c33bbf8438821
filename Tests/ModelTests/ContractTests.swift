import Hashing
import JSON
import Model
import StageContracts
import TestSupport
import Testing

@Suite struct ContractTests {
  static let names = catalog.map { $0.name }

  private func contract(_ name: String) throws -> any StageContract.Type {
    try #require(catalog.first { $0.name == name })
  }

  private func sample(_ name: String) throws -> Node {
    try JSON.parse(Array(try #require(optionSamples[name]).utf8), file: name)
  }

  @Test(arguments: names) func `options read back as they were written`(_ name: String) throws {
    let sample = try sample(name)
    let written = try #require(try passed(sample, through: try contract(name)))
    #expect(written.canonicalBytes == sample.canonicalBytes)
  }

  @Test(arguments: names) func `the sample has every field`(_ name: String) throws {
    let missing = absent(in: try sample(name), of: try contract(name).description.options)
    #expect(missing == [])
  }

  @Test(arguments: names) func `every field changes the id`(_ name: String) throws {
    let contract = try contract(name)
    let sample = try sample(name)
    let known = identity(contract, try #require(try passed(sample, through: contract)))
    for (path, variants) in changed(sample) {
      let readable = variants.compactMap { try? passed($0, through: contract) }
      #expect(!readable.isEmpty, "no other value is known for \(path)")
      for options in readable { #expect(identity(contract, options) != known, "\(path)") }
    }
  }

  @Test(arguments: names) func `refuses an unknown key`(_ name: String) throws {
    guard case .object(let members) = try sample(name).value else { return }
    let node = Node(.object(members + [Node.Member("no-such-key", .bool(true))]))
    var problems = Problems()
    #expect(decoded(node, as: try contract(name), &problems) == nil)
    #expect(problems.diagnostics.map(\.problem) == ["unknown key 'no-such-key'"])
  }

  @Test func `the catalog is sorted and has no name twice`() {
    #expect(Self.names == Array(Set(Self.names)).sorted())
    for contract in catalog {
      #expect(contract.buildPackages == Array(Set(contract.buildPackages)).sorted())
      for architecture in Architecture.allCases {
        let names = contract.buildPackages(on: architecture)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z0-9][a-z0-9.+-]+/) != nil }, "\(names)")
      }
      #expect(contract.summary.hasSuffix("."))
    }
  }

  @Test(arguments: names) func `a description reads back`(_ name: String) throws {
    let node = StageDescription.schema.encode(try contract(name).description)
    let read = try JSON.decode(StageDescription.schema, from: node.prettyBytes, file: name).get()
    #expect(StageDescription.schema.encode(read).canonicalBytes == node.canonicalBytes)
  }
}

private func passed<Contract: StageContract>(_ node: Node, through contract: Contract.Type) throws
  -> Node?
{
  var problems = Problems()
  return contract.schema.decode(node, &problems).map(contract.schema.encode)
}

private func decoded<Contract: StageContract>(
  _ node: Node, as contract: Contract.Type, _ problems: inout Problems
) -> Node? {
  contract.schema.decode(node, &problems).map(contract.schema.encode)
}

private func identity(_ contract: any StageContract.Type, _ options: Node) -> Digest {
  Stage.identity(
    type: contract.name, version: contract.version, options: options, inputs: [:], previous: nil,
    build: nil, architecture: .amd64, epoch: Timestamp(seconds: 0), pipelineID: { _ in nil },
    sourceName: { _ in "" }, hash: SHA256.digest)
}

/// The properties that a schema has and a value lacks, at any depth.
private func absent(in node: Node, of schema: Node) -> [String] {
  if case .list(let items) = node.value, let element = schema["items"] {
    return items.isEmpty ? ["[]"] : absent(in: items[0], of: element).map { "[]\($0)" }
  }
  guard let properties = schema["properties"], case .object(let members) = properties.value else {
    return []
  }
  return members.flatMap { member in
    guard let value = node[member.key] else { return [".\(member.key)"] }
    return absent(in: value, of: member.value).map { ".\(member.key)\($0)" }
  }
}

/// The value with each of its parts changed in turn: for each part some changes, of which not all
/// need be allowed.
private func changed(_ node: Node) -> [(path: String, variants: [Node])] {
  switch node.value {
  case .null: return []
  case .bool(let flag): return [("", [.bool(!flag)])]
  case .integer(let number): return [("", [.integer(number + 1), .integer(number - 1)])]
  case .decimal: return []
  case .string(let text):
    let others = [
      "\(text)x", "uefi", "esp", "vfat", "0644", "7GiB", "gpt", "squashfs", "syslinux", "vmdk",
      "gzip",
      "lz4hc", "2026-09-12T00:00:00Z", "sha256:" + String(repeating: "0", count: 64), "dracut",
    ]
    return [("", others.filter { $0 != text }.map { Node.string($0) })]
  case .list(let items):
    let parts = items.indices.flatMap { index in
      changed(items[index]).map { path, variants in
        let lists = variants.map { variant -> Node in
          var copy = items
          copy[index] = variant
          return .list(copy)
        }
        return ("[\(index)]\(path)", lists)
      }
    }
    return parts + [("[+]", [.list(items + items)])]
  case .object(let members):
    return members.indices.flatMap { index in
      changed(members[index].value).map { path, variants in
        let objects = variants.map { variant -> Node in
          var copy = members
          copy[index].value = variant
          return Node(.object(copy))
        }
        return (".\(members[index].key)\(path)", objects)
      }
    }
  }
}

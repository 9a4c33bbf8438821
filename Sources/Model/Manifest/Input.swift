/// Something a stage reads beside the tree it works on.
package enum Input: Sendable, Equatable {
  /// Files by digest. The stage sees a folder with them, each under its source's name.
  case sources([Digest])
  /// The finished tree of another pipeline, read-only.
  case pipeline(String)

  package static let schema = Schema<Input>(
    describe: {
      .object([
        (
          "oneOf",
          .list([
            .object([
              ("type", .string("object")), ("additionalProperties", .bool(false)),
              ("required", .list([.string("sources")])),
              (
                "properties",
                .object([("sources", Schema<[Digest]>.list(of: Digest.schema).describe())])
              ),
            ]),
            .object([
              ("type", .string("object")), ("additionalProperties", .bool(false)),
              ("required", .list([.string("pipeline")])),
              ("properties", .object([("pipeline", PipelineReference.schema.describe())])),
            ]),
          ])
        )
      ])
    },
    decode: { node, problems in
      guard case .object(let members) = node.value, members.count == 1 else {
        problems.report(
          "an input must be a mapping with one key", at: node.mark,
          remedy: "write {\"sources\": [digests]} or {\"pipeline\": \"name:…\"}")
        return nil
      }
      switch members[0].key {
      case "sources":
        return problems.inside(.key("sources")) {
          Schema<[Digest]>.list(of: Digest.schema).decode(members[0].value, &$0)
        }.map(Input.sources)
      case "pipeline":
        return problems.inside(.key("pipeline")) {
          PipelineReference.schema.decode(members[0].value, &$0)
        }.map(Input.pipeline)
      default:
        problems.reportUnknown(members[0], known: ["sources", "pipeline"])
        return nil
      }
    },
    encode: { input in
      switch input {
      case .sources(let digests):
        .object([("sources", .list(digests.map { .string($0.description) }))])
      case .pipeline(let name): .object([("pipeline", PipelineReference.schema.encode(name))])
      }
    })
}

/// How a manifest refers to a pipeline: `name:` and its name.
package enum PipelineReference {
  package static let schema = Schema<String>.string.mapped(
    { text, node, problems in
      guard text.begins(with: "name:"), let name = text.cut(at: ":")?.after, !name.isEmpty else {
        problems.report(
          "'\(text)' is not a valid reference to a pipeline", at: node.mark,
          remedy: "write name: and the pipeline's name")
        return nil
      }
      return Pipeline.nameSchema.decode(Node(.string(name), mark: node.mark), &problems)
    }, { "name:" + $0 })
}

internal import Model

extension Recipe {
  /// Reports locales, time zones and keyboards that no release of Debian has.
  func refuseUnknownNames(_ contents: Contents, _ problems: inout Problems) {
    guard case .debian = base, !hasOwnPackages else { return }
    let places = modules.all(FilesModule.self).flatMap { $0.value.places(contents) }.map(\.value)
    func isOwn(_ folders: String...) -> Bool {
      places.contains { place in folders.contains { place.begins(with: $0 + "/") } }
    }
    if !isOwn("/usr/local/share/i18n", "/usr/share/i18n") {
      for module in modules.all(LocaleModule.self) { module.value.refuseUnknown(&problems) }
    }
    if !isOwn("/usr/share/zoneinfo") {
      for module in modules.all(TimezoneModule.self) {
        problems.refuse(
          module.value.zone, "time zone", unlessAmong: KnownNames.zones,
          "/usr/share/zoneinfo has the full list", meaning: zone(ofCity:))
      }
    }
    if !isOwn("/usr/share/X11/xkb") {
      for module in modules.all(KeyboardModule.self) { module.value.refuseUnknown(&problems) }
    }
  }

  /// Whether packages that Debian does not have can bring further names.
  private var hasOwnPackages: Bool {
    packageModules.contains { !$0.files.isEmpty || !$0.repositories.isEmpty }
  }
}

/// The zone of a city that is written alone, or with another continent, in letters of any case.
private func zone(ofCity name: String) -> String? {
  let city = (name.parts(at: "/").last ?? name).lowercased()
  return KnownNames.zones.first { $0.lowercased().hasSuffix("/" + city) }
}

/// The layout that people mean who write a language.
private func layout(ofLanguage name: String) -> String? {
  [
    "arabic": "ara", "brazilian": "br", "bulgarian": "bg", "croatian": "hr", "czech": "cz",
    "danish": "dk",
    "dutch": "nl", "english": "us", "estonian": "ee", "finnish": "fi", "french": "fr",
    "german": "de", "greek": "gr",
    "hebrew": "il", "hungarian": "hu", "icelandic": "is", "italian": "it", "japanese": "jp",
    "korean": "kr",
    "latvian": "lv", "lithuanian": "lt", "norwegian": "no", "polish": "pl", "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru", "serbian": "rs", "slovak": "sk", "slovenian": "si", "spanish": "es",
    "swedish": "se",
    "swiss": "ch", "turkish": "tr", "ukrainian": "ua", "british": "gb", "uk": "gb", "en": "us",
    "cs": "cz",
    "da": "dk", "sv": "se", "ja": "jp", "ko": "kr", "el": "gr", "sl": "si", "et": "ee", "sr": "rs",
    "he": "il",
  ][name.lowercased().parts(at: "_").first ?? ""]
}

extension LocaleModule {
  fileprivate func refuseUnknown(_ problems: inout Problems) {
    for name in [standard] + generate where name.value != "C.UTF-8" {
      problems.refuse(
        name, "locale", unlessAmong: KnownNames.locales,
        "/usr/share/i18n/SUPPORTED has the full list")
    }
  }
}

extension KeyboardModule {
  fileprivate func refuseUnknown(_ problems: inout Problems) {
    let list = "/usr/share/X11/xkb/rules/base.lst has the full list"
    // Each layout of several can have a variant, `,nodeadkeys` being the second one's.
    let layouts = layout.value.parts(at: ",", keepingEmpty: true)
    let variants = variant.value.parts(at: ",", keepingEmpty: true)
    for (number, name) in layouts.enumerated() where !name.isEmpty {
      // `us(intl)` is another way to write a variant.
      let plain = name.cut(at: "(")?.before ?? name
      problems.refuse(
        Located(plain, at: layout.mark), "keyboard layout", unlessAmong: KnownNames.layouts, list,
        meaning: layout(ofLanguage:))
      guard KnownNames.layouts.has(plain), number < variants.count, !variants[number].isEmpty
      else { continue }
      let known = KnownNames.variants.compactMap { text -> String? in
        guard let (layout, variant) = text.cut(at: ":"), layout == plain else { return nil }
        return variant
      }
      problems.refuse(
        Located(variants[number], at: variant.mark), "keyboard variant",
        unlessAmong: known,
        known.isEmpty
          ? "the layout '\(plain)' has no variants"
          : "the variants of '\(plain)' are \(known.joined(separator: ", "))")
    }
    problems.refuse(model, "keyboard model", unlessAmong: KnownNames.models, list)
    for option in options {
      for name in option.value.parts(at: ",") {
        problems.refuse(
          Located(name, at: option.mark), "keyboard option", unlessAmong: KnownNames.options, list)
      }
    }
  }
}

extension Problems {
  /// Reports a name that is in no list, with the nearest that is.
  fileprivate mutating func refuse(
    _ name: Located<String>, _ what: String, unlessAmong known: [String], _ remedy: String,
    meaning: (String) -> String? = { _ in nil }
  ) {
    if name.value.isEmpty || known.has(name.value) { return }
    let near = meaning(name.value) ?? suggestion(for: name.value, among: known)
    report(
      "unknown \(what) '\(name.value.shortened)'", at: name.mark,
      remedy: near.map { "did you mean '\($0)'?" } ?? remedy)
  }
}

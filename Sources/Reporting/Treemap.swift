/// Rectangles whose areas are as sizes are, each as square as can be (Bruls, Huizing, van Wijk: "Squarified Treemaps",
/// 2000).
package struct Treemap {
  package struct Area: Equatable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
  }

  /// For each of the sizes, in their order; a size of 0 has no area.
  package private(set) var areas: [Area]

  /// - Parameters:
  ///   - sizes: The largest first.
  ///   - width: Of the whole.
  ///   - height: Of the whole.
  package init(_ sizes: [Int], width: Double, height: Double) {
    areas = []
    let total = sizes.reduce(0) { $0 + Double($1) }
    guard total > 0 else {
      areas = sizes.map { _ in Area(x: 0, y: 0, width: 0, height: 0) }
      return
    }
    var rest = Area(x: 0, y: 0, width: width, height: height)
    let surfaces = sizes.map { Double($0) * width * height / total }
    var start = 0
    while start < surfaces.count {
      let side = min(rest.width, rest.height)
      var end = start + 1
      while end < surfaces.count,
        Self.worst(surfaces[start...end], side) <= Self.worst(surfaces[start..<end], side)
      { end += 1 }
      rest = place(surfaces[start..<end], in: rest)
      start = end
    }
  }

  /// The most oblong of rectangles that share a side.
  private static func worst(_ row: ArraySlice<Double>, _ side: Double) -> Double {
    let sum = row.reduce(0, +)
    guard sum > 0, side > 0 else { return .infinity }
    let thickness = sum / side
    return row.map { surface in
      let length = surface / thickness
      return surface == 0 ? 1 : max(thickness / length, length / thickness)
    }.max() ?? .infinity
  }

  /// Lays a row along the shorter side, and returns what is left.
  private mutating func place(_ row: ArraySlice<Double>, in rest: Area) -> Area {
    let sum = row.reduce(0, +)
    let isUpright = rest.width >= rest.height
    let side = isUpright ? rest.height : rest.width
    let thickness = side > 0 ? sum / side : 0
    var at = 0.0
    for surface in row {
      let length = thickness > 0 ? surface / thickness : 0
      areas.append(
        isUpright
          ? Area(x: rest.x, y: rest.y + at, width: thickness, height: length)
          : Area(x: rest.x + at, y: rest.y, width: length, height: thickness))
      at += length
    }
    return isUpright
      ? Area(
        x: rest.x + thickness, y: rest.y, width: max(0, rest.width - thickness),
        height: rest.height)
      : Area(
        x: rest.x, y: rest.y + thickness, width: rest.width,
        height: max(0, rest.height - thickness))
  }
}

import Reporting
import Testing

/// Sizes as areas.
@Suite struct TreemapTests {
  @Test func `areas are as sizes are, in the picture, and do not overlap`() {
    let sizes = (1...60).map { 1_000_000 / $0 }
    let areas = Treemap(sizes, width: 960, height: 360).areas
    #expect(areas.count == sizes.count)
    let unit = 960 * 360 / Double(sizes.reduce(0, +))
    for (size, area) in zip(sizes, areas) {
      #expect(abs(area.width * area.height - Double(size) * unit) < 0.01)
      #expect(area.x > -0.001 && area.x + area.width < 960.001)
      #expect(area.y > -0.001 && area.y + area.height < 360.001)
    }
    for (index, one) in areas.enumerated() {
      for other in areas[..<index] {
        let isApart =
          one.x + 0.001 > other.x + other.width || other.x + 0.001 > one.x + one.width
          || one.y + 0.001 > other.y + other.height || other.y + 0.001 > one.y + one.height
        #expect(isApart, "\(one) and \(other)")
      }
    }
  }

  @Test func `most areas are nearly square`() {
    let areas = Treemap((1...60).map { 1_000_000 / $0 }, width: 960, height: 360).areas
    let square = areas.filter { max($0.width / $0.height, $0.height / $0.width) < 2 }
    #expect(square.count > 50)
  }

  @Test(arguments: [[], [0], [0, 0], [5], [5, 0]])
  func `what has no size has no area`(sizes: [Int]) {
    let areas = Treemap(sizes, width: 10, height: 10).areas
    #expect(areas.map { $0.width * $0.height } == sizes.map { $0 > 0 ? 100 : 0 })
  }
}

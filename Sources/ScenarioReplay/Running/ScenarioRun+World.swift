import EC2Simulator
import Governance

extension ScenarioRun {
  /// The world as it is now against what it must be like.
  func world(_ expected: WorldExpectation, _ outlook: Outlook) -> Verification {
    var whole = Verification(holds: true, expected: [], actual: [])
    func note(_ wanted: String?, _ found: String?, of what: String) {
      guard wanted != found else { return }
      whole.holds = false
      whole.expected.append("\(what): \(wanted ?? "nothing")")
      whole.actual.append("\(what): \(found ?? "nothing")")
    }
    let world = replay.simulator.world
    let now = replay.simulator.now
    var measured = expected
    for (position, image) in expected.images.enumerated() {
      let found = self.image(image, in: world)
      measured.images[position] = measure(image, found)
      let what = "image \(image.image) in \(image.account)/\(image.region)"
      if found == nil, image.exists != false {
        note("there", "not there", of: what)
      } else {
        for (wanted, got) in zip(facts(image), facts(measured.images[position])) {
          note(wanted.value, got.value, of: "\(what) \(wanted.name)")
        }
      }
    }
    for (position, snapshot) in expected.snapshots.enumerated() {
      let scope = Scope(account: accountID(snapshot.account), region: snapshot.region)
      let found = world.state(of: scope).snapshots[snapshot.snapshot]
      let what = "snapshot \(snapshot.snapshot) in \(snapshot.account)/\(snapshot.region)"
      if found == nil, snapshot.exists != false { note("there", "not there", of: what) }
      if snapshot.exists == false, found != nil { note("not there", "there", of: what) }
      guard let found, let wanted = snapshot.sharedWith else { continue }
      let shares = found.sharedWith.map(\.text)
      measured.snapshots[position].sharedWith = shares
      note(
        wanted.sorted().joined(separator: ", "), shares.sorted().joined(separator: ", "), of: "\(what) sharedWith")
    }
    for (position, setting) in expected.settings.enumerated() {
      let scope = Scope(account: accountID(setting.account), region: setting.region)
      let image = world.imageBlockPublicAccess(of: scope).state(at: now)
      let snapshot = world.snapshotBlockPublicAccess(of: scope).state(at: now)
      let allowed = world.state(of: scope).allowedImages.state
      let what = "\(setting.account)/\(setting.region)"
      if let wanted = setting.imageBlockPublicAccess { note(wanted, image, of: "\(what) imageBlockPublicAccess") }
      if let wanted = setting.snapshotBlockPublicAccess {
        note(wanted, snapshot, of: "\(what) snapshotBlockPublicAccess")
      }
      if let wanted = setting.allowedImages { note(wanted, allowed, of: "\(what) allowedImages") }
      measured.settings[position] = WorldExpectation.Setting(
        account: setting.account, region: setting.region,
        imageBlockPublicAccess: setting.imageBlockPublicAccess.map { _ in image },
        snapshotBlockPublicAccess: setting.snapshotBlockPublicAccess.map { _ in snapshot },
        allowedImages: setting.allowedImages.map { _ in allowed })
    }
    if let step = expected.unchangedSince { compare(since: step, &whole) }
    whole.measured = measured.document
    return whole
  }

  private func image(_ wanted: WorldExpectation.Image, in world: World) -> WorldImage? {
    let state = world.state(of: Scope(account: accountID(wanted.account), region: wanted.region))
    return state.images[wanted.image]
      ?? state.imageIDs.compactMap { state.images[$0] }.first { $0.name == wanted.image }
  }

  /// The same questions with the answers of now.
  private func measure(_ wanted: WorldExpectation.Image, _ found: WorldImage?) -> WorldExpectation.Image {
    WorldExpectation.Image(
      image: wanted.image, account: wanted.account, region: wanted.region,
      exists: found == nil ? false : wanted.exists.map { _ in true },
      state: found.flatMap { found in wanted.state.map { _ in found.state.rawValue } },
      sharedWith: found.flatMap { found in wanted.sharedWith.map { _ in found.sharedWith.map(\.text) } },
      tags: found.map { found in
        wanted.tags.map { tag in Tag(key: tag.key, value: found.tags.first { $0.key == tag.key }?.value ?? "") }
      } ?? [])
  }

  private func facts(_ image: WorldExpectation.Image) -> [(name: String, value: String?)] {
    [
      ("exists", image.exists.map { "\($0)" }), ("state", image.state),
      ("sharedWith", image.sharedWith.map { $0.sorted().joined(separator: ", ") }),
    ] + image.tags.map { ("tag \($0.key)", $0.value) }
  }

  /// Account by account, so that a difference says where it is.
  private func compare(since step: String, _ whole: inout Verification) {
    guard let before = world(afterStep: step) else {
      whole.holds = false
      whole.expected.append("the world as at the end of \"\(step)\"")
      whole.actual.append("\"\(step)\" has not ended")
      return
    }
    let after = replay.simulator.worldDump()
    guard before != after else { return }
    whole.holds = false
    let (old, new) = (Self.leaves(before), Self.leaves(after))
    for name in Set(old.keys).union(new.keys).sorted() where old[name] != new[name] {
      whole.expected.append("\(name): \(old[name] ?? "nothing")")
      whole.actual.append("\(name): \(new[name] ?? "nothing")")
    }
  }

  /// Every scalar and list of scalars of a dump by its path; elements by their id where they have one.
  private static func leaves(_ document: Document) -> [String: String] {
    var leaves: [String: String] = [:]
    func add(_ value: Document, _ path: String) {
      if value.kind == .object {
        for entry in value.entries { add(entry.value, path.isEmpty ? entry.name : "\(path).\(entry.name)") }
      } else if value.kind == .array, value.elements.contains(where: { $0.kind == .object }) {
        for (position, element) in value.elements.enumerated() {
          add(element, "\(path).\(element["id"]?.string ?? element["name"]?.string ?? "\(position)")")
        }
      } else {
        leaves[path] = value.json
      }
    }
    add(document, "")
    return leaves
  }
}

public import CReevePlugin

/// For an author's tests: runs a plugin's types on made-up resources, through the real C boundary.
///
/// ```swift
/// let harness = try PluginHarness(checks: [OwnerTag.self], now: Time(nanoseconds: 1))
/// #expect(try harness.evaluate([image]).map(\.verdict) == [.pass])
/// ```
@safe public final class PluginHarness {
  public struct Outcome: Sendable, Equatable {
    /// Index in the batch.
    public var resource: Int
    /// Index among the plugin's checks.
    public var check: Int
    public var verdict: Verdict
  }

  /// The sweep's time that each call carries.
  public let now: Time
  /// What the plugin logged.
  public private(set) var lines: [String] = []
  private let definition: PluginDefinition?
  private let descriptor: UnsafePointer<reeve_plugin>
  private let instance: OpaquePointer

  /// Types of this process: one plugin's, as its entry exports them.
  public convenience init(
    checks: [any Check.Type] = [], discovery: (any Discovery.Type)? = nil, tagger: (any Tagger.Type)? = nil,
    remediator: (any Remediator.Type)? = nil, configuration: Document = .emptyObject,
    organization: Organization = Organization(), now: Time
  ) throws {
    let definition = PluginDefinition(
      id: "under.test", version: "0.0.0", checks: checks, discovery: discovery, tagger: tagger,
      remediator: remediator)
    try unsafe self.init(
      definition, definition.descriptor, configuration: configuration, organization: organization, now: now)
  }

  /// A plugin in any language, by what its entry returned.
  public convenience init(
    descriptor: UnsafePointer<reeve_plugin>, configuration: Document = .emptyObject,
    organization: Organization = Organization(), now: Time
  ) throws {
    try unsafe self.init(nil, descriptor, configuration: configuration, organization: organization, now: now)
  }

  private init(
    _ definition: PluginDefinition?, _ descriptor: UnsafePointer<reeve_plugin>, configuration: Document,
    organization: Organization, now: Time
  ) throws {
    self.now = now
    self.definition = definition
    unsafe self.descriptor = unsafe descriptor
    let arena = Arena()
    let host = HostCall(now: now)
    var made: OpaquePointer?
    let status = PluginDefinition.$underTest.withValue(definition) {
      var organization = unsafe organization.raw(arena)
      return unsafe withUnsafePointer(to: &organization) { organization in
        var arguments = unsafe reeve_create_arguments(
          struct_size: UInt32(MemoryLayout<reeve_create_arguments>.size), reserved: 0,
          configuration: arena.document(configuration), organization: organization)
        return unsafe host.perform { unsafe descriptor.pointee.create($0, &arguments, &made) }
      }
    }
    if let failure = host.failure(status) { throw failure }
    guard let made = unsafe made else {
      throw HarnessFailure(status: REEVE_ERROR_INTERNAL, resource: nil, message: "create made no instance")
    }
    unsafe instance = unsafe made
  }

  deinit { unsafe descriptor.pointee.destroy(instance) }

  /// One batch. `checks`: indexes of the selected ones; nil: all. `asksBeforeCancel`: after how many questions the
  /// plugin is told to stop.
  public func evaluate(
    _ resources: [DiscoveredResource], checks: [UInt32]? = nil, asksBeforeCancel: Int? = nil
  ) throws -> [Outcome] {
    let interface: UnsafePointer<reeve_check> = try unsafe interface(REEVE_INTERFACE_CHECK)
    let count = unsafe descriptor.pointee.checks.count
    let host = unsafe try perform(asksBeforeCancel: asksBeforeCancel) { call, arena in
      unsafe interface.pointee.evaluate(
        instance, call, arena.span(resources.map { unsafe $0.raw(arena) }), arena.span(checks ?? Array(0..<count)))
    }
    return host.verdicts
  }

  public func propose(_ resources: [DiscoveredResource]) throws -> [(resource: Int, operation: TagOperation)] {
    let interface: UnsafePointer<reeve_tagger> = try unsafe interface(REEVE_INTERFACE_TAGGER)
    return unsafe try perform { call, arena in
      unsafe interface.pointee.propose(instance, call, arena.span(resources.map { unsafe $0.raw(arena) }))
    }.tagOperations
  }

  /// `findings`: with the index of the resource that each is about.
  public func plan(
    _ resources: [DiscoveredResource], findings: [(resource: Int, finding: Finding)]
  ) throws -> [(resource: Int, action: Action)] {
    let interface: UnsafePointer<reeve_remediator> = try unsafe interface(REEVE_INTERFACE_REMEDIATOR)
    return unsafe try perform { call, arena in
      let findings = unsafe findings.map { entry in
        unsafe reeve_finding(
          struct_size: UInt32(MemoryLayout<reeve_finding>.size), resource: UInt32(entry.resource),
          check: arena.string(entry.finding.check), message: arena.string(entry.finding.message),
          evidence: arena.document(entry.finding.evidence))
      }
      return unsafe interface.pointee.plan(
        instance, call, arena.span(resources.map { unsafe $0.raw(arena) }), arena.span(findings))
    }.actions
  }

  /// A run, to be stepped by hand. End it.
  public func run() throws -> HarnessRun {
    let interface: UnsafePointer<reeve_discovery> = try unsafe interface(REEVE_INTERFACE_DISCOVERY)
    return unsafe HarnessRun(interface, instance, now: now, keeping: self)
  }

  /// A whole run of a scope: `answer` gives the responses (pages) to each request.
  public func discover(
    _ scope: Scope, answer: (HarnessRequest) -> [HarnessAnswer]
  ) throws -> [DiscoveredResource] {
    let run = try run()
    defer { run.end() }
    var resources: [DiscoveredResource] = []
    var step = try run.begin(scope)
    while true {
      resources += step.resources
      if step.isDone { return resources }
      step = try run.resume(step.requests.flatMap { request in answer(request).map { (request.id, $0) } })
    }
  }

  private func interface<Interface>(_ name: String) throws -> UnsafePointer<Interface> {
    let found = unsafe PluginDefinition.$underTest.withValue(definition) {
      unsafe name.withCString { unsafe descriptor.pointee.interface($0) }
    }
    guard let found = unsafe found else {
      throw HarnessFailure(status: REEVE_ERROR_UNSUPPORTED, resource: nil, message: "the plugin has no \(name)")
    }
    return unsafe found.assumingMemoryBound(to: Interface.self)
  }

  private func perform(
    asksBeforeCancel: Int? = nil, _ body: (UnsafeMutablePointer<reeve_call>, Arena) -> reeve_status
  ) throws -> HostCall {
    let arena = Arena()
    let host = HostCall(now: now, asksBeforeCancel: asksBeforeCancel)
    let status = unsafe host.perform { call in withExtendedLifetime(arena) { unsafe body(call, arena) } }
    lines += host.lines
    if let failure = host.failure(status) { throw failure }
    return host
  }
}

/// Why a call into a plugin failed.
public struct HarnessFailure: Error, Sendable, Equatable {
  public var status: reeve_status
  /// Index in the batch, when one resource is to blame.
  public var resource: Int?
  public var message: String
}

extension Organization {
  fileprivate func raw(_ arena: Arena) -> reeve_organization {
    let accounts = unsafe accounts.map { account in
      unsafe reeve_account(
        struct_size: UInt32(MemoryLayout<reeve_account>.size), reserved: 0, id: arena.string(account.id),
        name: arena.string(account.name), state: arena.string(account.state),
        unit_path: arena.string(account.unitPath))
    }
    let units = unsafe units.map { unit in
      unsafe reeve_organizational_unit(
        struct_size: UInt32(MemoryLayout<reeve_organizational_unit>.size), reserved: 0, id: arena.string(unit.id),
        arn: arena.string(unit.arn), name: arena.string(unit.name), path: arena.string(unit.path))
    }
    return unsafe reeve_organization(
      struct_size: UInt32(MemoryLayout<reeve_organization>.size), membership_known: membershipKnown ? 1 : 0,
      id: arena.string(id), arn: arena.string(arn), management_account: arena.string(managementAccount),
      partition: arena.string(partition), accounts: arena.span(accounts), units: arena.span(units),
      trusted: arena.span(trusted.map { unsafe arena.string($0) }),
      membership_reason: arena.string(membershipReason))
  }
}

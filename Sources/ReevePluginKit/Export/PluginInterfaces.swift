import CReevePlugin

/// The interface structs, in static memory: functions without state, which find it in the instance they are called with.
enum PluginInterfaces {
  @safe private struct Static<Interface>: @unchecked Sendable {
    let memory: UnsafeRawPointer
    init(_ interface: Interface) {
      let made = UnsafeMutablePointer<Interface>.allocate(capacity: 1)
      unsafe made.initialize(to: interface)
      unsafe memory = UnsafeRawPointer(made)
    }
  }

  private static let check = unsafe Static(
    reeve_check(
      struct_size: UInt32(MemoryLayout<reeve_check>.size), flags: 0,
      evaluate: { instance, call, resources, checks in
        unsafe CheckBatch(call: Call(call), resources: SpanReader(resources))
          .evaluate(PluginInstance.from(instance).checks, selected: SpanReader(checks))
      }))

  private static let tagger = unsafe Static(
    reeve_tagger(
      struct_size: UInt32(MemoryLayout<reeve_tagger>.size), flags: 0,
      propose: { instance, call, resources in
        let call = unsafe Call(call)
        guard let tagger = unsafe PluginInstance.from(instance).tagger else { return call.lacksRole("tagger") }
        return unsafe TaggerBatch(call: call, resources: SpanReader(resources)).propose(tagger)
      }))

  private static let remediator = unsafe Static(
    reeve_remediator(
      struct_size: UInt32(MemoryLayout<reeve_remediator>.size), flags: 0,
      plan: { instance, call, resources, findings in
        let call = unsafe Call(call)
        guard let remediator = unsafe PluginInstance.from(instance).remediator else {
          return call.lacksRole("remediator")
        }
        return unsafe RemediatorBatch(call: call, resources: SpanReader(resources))
          .plan(remediator, findings: SpanReader(findings))
      }))

  private static let discovery = unsafe Static(
    reeve_discovery(
      struct_size: UInt32(MemoryLayout<reeve_discovery>.size), flags: 0,
      begin: { instance, call, scope, run in
        let call = unsafe Call(call)
        guard let discovery = unsafe PluginInstance.from(instance).discovery else {
          _ = call.lacksRole("discovery")
          return REEVE_RUN_FAILED
        }
        let made = DiscoveryRun()
        unsafe run.pointee = unsafe OpaquePointer(Unmanaged.passRetained(made).toOpaque())
        return unsafe made.begin(discovery, Scope(scope), call)
      },
      resume: { run, call, responses in
        unsafe Unmanaged<DiscoveryRun>.fromOpaque(UnsafeRawPointer(run)).takeUnretainedValue()
          .resume(SpanReader(responses), Call(call))
      },
      end: { run in
        unsafe Unmanaged<DiscoveryRun>.fromOpaque(UnsafeRawPointer(run)).takeRetainedValue().end()
      }))

  static func named(_ identifier: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    guard let definition = PluginDefinition.current else { return nil }
    return switch unsafe String(cString: identifier) {
    case REEVE_INTERFACE_CHECK: unsafe definition.checks.isEmpty ? nil : check.memory
    case REEVE_INTERFACE_TAGGER: unsafe definition.tagger == nil ? nil : tagger.memory
    case REEVE_INTERFACE_REMEDIATOR: unsafe definition.remediator == nil ? nil : remediator.memory
    case REEVE_INTERFACE_DISCOVERY: unsafe definition.discovery == nil ? nil : discovery.memory
    default: nil
    }
  }
}

extension Call {
  fileprivate func lacksRole(_ role: String) -> reeve_status {
    fail(REEVE_ERROR_UNSUPPORTED, "this plugin has no \(role)")
  }
}

extension Scope {
  init(_ raw: UnsafePointer<reeve_scope>) {
    var wanted: [String: Set<String>] = [:]
    unsafe SpanReader<reeve_wanted_attribute>(raw.pointee.wanted).each { attribute in
      unsafe wanted[Text(attribute.pointee.resource_type).string, default: []]
        .insert(Text(attribute.pointee.name).string)
    }
    unsafe self.init(
      account: Text(raw.pointee.account).string, region: Text(raw.pointee.region).string,
      partition: Text(raw.pointee.partition).string, wanted: wanted)
  }
}

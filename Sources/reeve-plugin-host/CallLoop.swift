import CReevePlugin
import CSandbox
import Glibc
import PluginFrames

/// Answers calls, one after the other, for as long as the orchestrator asks.
@safe struct CallLoop {
  private let plugin: UnsafePointer<reeve_plugin>
  private let requests: RequestReader
  private let page: UnsafeMutablePointer<reeve_breadcrumb>
  private let discovery: UnsafePointer<reeve_discovery>?
  private let check: UnsafePointer<reeve_check>?
  private let tagger: UnsafePointer<reeve_tagger>?
  private let remediator: UnsafePointer<reeve_remediator>?
  /// By the numbers that the orchestrator gives them.
  private var instances: [UInt32: OpaquePointer] = unsafe [:]
  private var runs: [UInt32: OpaquePointer] = unsafe [:]

  init(
    plugin: UnsafePointer<reeve_plugin>, requests: RequestReader, page: UnsafeMutablePointer<reeve_breadcrumb>
  ) {
    unsafe self.plugin = unsafe plugin
    self.requests = requests
    unsafe self.page = unsafe page
    let interface = unsafe plugin.pointee.interface
    unsafe discovery = unsafe interface(REEVE_INTERFACE_DISCOVERY)?.assumingMemoryBound(to: reeve_discovery.self)
    unsafe check = unsafe interface(REEVE_INTERFACE_CHECK)?.assumingMemoryBound(to: reeve_check.self)
    unsafe tagger = unsafe interface(REEVE_INTERFACE_TAGGER)?.assumingMemoryBound(to: reeve_tagger.self)
    unsafe remediator = unsafe interface(REEVE_INTERFACE_REMEDIATOR)?.assumingMemoryBound(to: reeve_remediator.self)
  }

  mutating func run() -> Never {
    let call = unsafe PluginCall(page: page)
    while true {
      unsafe reeve_breadcrumb_step(page, REEVE_PHASE_IDLE)
      var request = requests.next()
      var header = FrameHeader(.answer, sequence: request.header.sequence)
      let now = request.header.now
      header.status = unsafe call.run(now: now) { unsafe perform(&request, $0, &header) }
      requests.done()
      let over = unsafe takeOver(request.header, &header)
      unsafe PluginHostProcess.send(call.answer(header))
      if let over = unsafe over { unsafe discovery?.pointee.end(over) }
    }
  }

  /// The run that a call was about, if it is over: it is ended at once, and not by a call of its own. Whoever gets the
  /// answer sees by the page that it may not have come back from there yet.
  private mutating func takeOver(_ request: FrameHeader, _ header: inout FrameHeader) -> OpaquePointer? {
    let kind = FrameHeader.Kind(rawValue: request.kind)
    guard kind == .begin || kind == .resume, header.status != REEVE_RUN_MORE,
      let run = unsafe runs.removeValue(forKey: request.run)
    else { return nil }
    header.flags |= FrameHeader.Flag.ending
    step(REEVE_PHASE_END)
    return unsafe run
  }

  /// What a request asks for; whether something was made stands in the header.
  private mutating func perform(
    _ request: inout Request, _ call: UnsafeMutablePointer<reeve_call>, _ header: inout FrameHeader
  ) -> Int32 {
    switch FrameHeader.Kind(rawValue: request.header.kind) {
    case .create: return unsafe create(&request, call, &header)
    case .destroy:
      step(REEVE_PHASE_DESTROY)
      if let instance = unsafe instances.removeValue(forKey: request.header.instance) {
        unsafe plugin.pointee.destroy(instance)
      }
      return REEVE_OK
    case .begin: return unsafe begin(&request, call, &header)
    case .resume:
      guard let run = unsafe runs[request.header.run], let discovery = unsafe discovery else { _exit(5) }
      let responses = unsafe request.argument(\.first, .response)
      step(REEVE_PHASE_RESUME)
      return unsafe discovery.pointee.resume(run, call, responses)
    case .end:
      step(REEVE_PHASE_END)
      if let run = unsafe runs.removeValue(forKey: request.header.run), let discovery = unsafe discovery {
        unsafe discovery.pointee.end(run)
      }
      return REEVE_OK
    case .evaluate, .propose, .plan: return unsafe batch(&request, call)
    case .hello, .answer, .unable, nil: _exit(5)
    }
  }

  private func step(_ phase: UInt32) { unsafe reeve_breadcrumb_step(page, phase) }

  private mutating func create(
    _ request: inout Request, _ call: UnsafeMutablePointer<reeve_call>, _ header: inout FrameHeader
  ) -> Int32 {
    let configuration = unsafe request.argument(\.first, .document)
    let organization = unsafe request.argument(\.second, .organization)
    guard let configuration = unsafe configuration.items, let organization = unsafe organization.items else { _exit(5) }
    var arguments = unsafe reeve_create_arguments(
      struct_size: UInt32(MemoryLayout<reeve_create_arguments>.size), reserved: 0,
      configuration: configuration.load(as: reeve_document.self),
      organization: organization.assumingMemoryBound(to: reeve_organization.self))
    var instance: OpaquePointer?
    step(REEVE_PHASE_CREATE)
    let status = unsafe plugin.pointee.create(call, &arguments, &instance)
    if let instance = unsafe instance {
      unsafe instances[request.header.instance] = unsafe instance
      header.flags |= FrameHeader.Flag.made
    }
    return status
  }

  private mutating func begin(
    _ request: inout Request, _ call: UnsafeMutablePointer<reeve_call>, _ header: inout FrameHeader
  ) -> Int32 {
    let scope = unsafe request.argument(\.first, .scope)
    guard let instance = unsafe instances[request.header.instance], let discovery = unsafe discovery,
      let scope = unsafe scope.items
    else { _exit(5) }
    var run: OpaquePointer?
    step(REEVE_PHASE_BEGIN)
    let status = unsafe discovery.pointee.begin(
      instance, call, scope.assumingMemoryBound(to: reeve_scope.self), &run)
    if let run = unsafe run {
      unsafe runs[request.header.run] = unsafe run
      header.flags |= FrameHeader.Flag.made
    }
    return status
  }

  private func batch(_ request: inout Request, _ call: UnsafeMutablePointer<reeve_call>) -> Int32 {
    let kind = FrameHeader.Kind(rawValue: request.header.kind)
    let resources = unsafe request.argument(\.first, .resource)
    let second = unsafe request.argument(\.second, kind == .plan ? .finding : .index)
    guard let instance = unsafe instances[request.header.instance] else { _exit(5) }
    switch kind {
    case .evaluate:
      guard let check = unsafe check else { _exit(5) }
      step(REEVE_PHASE_EVALUATE)
      return unsafe check.pointee.evaluate(instance, call, resources, second)
    case .propose:
      guard let tagger = unsafe tagger else { _exit(5) }
      step(REEVE_PHASE_PROPOSE)
      return unsafe tagger.pointee.propose(instance, call, resources)
    default:
      guard let remediator = unsafe remediator else { _exit(5) }
      step(REEVE_PHASE_PLAN)
      return unsafe remediator.pointee.plan(instance, call, resources, second)
    }
  }
}

/// What a running plugin can be at fault for: the codes of `PluginFailure` and of verdicts that were not given.
package enum PluginFault: String, Sendable, CaseIterable {
  case badData = "PluginBadData"
  case failed = "PluginFailed"
  case cancelled = "PluginCancelled"
  case configuration = "PluginConfiguration"
  case stalled = "PluginStalled"
  case repeated = "PluginRepeated"
  case runOver = "PluginRunOver"
  case closed = "PluginClosed"
  case unsupported = "PluginUnsupported"
  case lane = "PluginLane"
  case notOpen = "PluginNotOpen"
  case notLoaded = "PluginNotLoaded"
  case operationNotGranted = "OperationNotGranted"
  case unknownCheck = "UnknownCheck"
  case noVerdict = "NoVerdict"
}

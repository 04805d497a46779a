import CSandbox

/// What the process does for itself before it loads code of others.
package enum ProcessPrivacy {
  /// From here on other processes of the same user cannot read this one's memory or environment, and it leaves no core
  /// dump: it holds credentials.
  package static func forbidDumps() -> Bool { reeve_forbid_dumps() == 0 }
}

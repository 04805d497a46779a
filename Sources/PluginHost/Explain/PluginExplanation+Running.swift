extension PluginExplanation {
  static func explanation(of fault: PluginFault) -> PluginExplanation {
    let (what, expected, found, causes, next) = running(fault)
    return PluginExplanation(fault.rawValue, what, expected: expected, found: found, causes: causes, next: next)
  }

  private static func running(_ fault: PluginFault) -> (String, String, String, [String], String) {
    switch fault {
    case .badData:
      (
        "The plugin handed over something that breaks the contract; the whole call's results are void. The "
          + "plugin has to change.",
        "items as the header has them", "what the message says",
        [
          "an index outside of the batch, or a check that was not asked for",
          "a struct_size or stride that was not set",
          "text that is not UTF-8", "a thread of the plugin's own used the call",
        ], "reeve plugin validate FOLDER"
      )
    case .failed:
      (
        "The plugin ended its call with an error of its own accord; what it had emitted in that call does not count.",
        "REEVE_OK, or REEVE_RUN_DONE", "an error, with the reason that the message gives",
        ["a defect in the plugin", "data that its author did not think of: record it and run the plugin on it"],
        "reeve plugin record > resources.json; reeve plugin run FOLDER --resources resources.json"
      )
    case .cancelled:
      (
        "The call was ended early because the sweep was; nothing is wrong with the plugin.", "–", "–",
        ["Ctrl-C or SIGTERM", "--max-duration was reached"], "reeve sweep --resume"
      )
    case .configuration:
      (
        "The plugin's configuration does not fit its schema, or the plugin refused it. The configuration has to "
          + "change.",
        "what /configuration in its plugin.json describes", "what the message says",
        ["a misspelled key", "a value outside of what the schema allows", "a rule that only the plugin knows"],
        "reeve config check reeve.yaml; reeve plugin list"
      )
    case .stalled:
      (
        "A discovery run said that it wants more and has no request outstanding, or keeps asking for what it may "
          + "not have. The plugin has to change.",
        "REEVE_RUN_DONE, or an outstanding request", "REEVE_RUN_MORE without one",
        ["an answer was taken and the next request not emitted", "a denial is answered by asking again"],
        "reeve plugin validate FOLDER"
      )
    case .repeated:
      (
        "A run emitted the same resource twice; the first one counts.", "each resource once", "one twice",
        ["AWS listed it on two pages while others came and went", "two requests overlap"],
        "reeve plugin run FOLDER --world FILE"
      )
    case .runOver, .closed, .notOpen:
      (
        "Reeve made a call after a run or a session had ended: a defect of reeve, not of the plugin.", "no such call",
        "one", ["a defect of reeve"], "report it with the output of reeve sweep"
      )
    case .unsupported:
      (
        "The plugin was asked for something that it does not offer: a defect of reeve, which knows its kinds.",
        "an interface of that kind", "none", ["a defect of reeve"], "reeve plugin list"
      )
    case .lane:
      (
        "The thread on which the plugin's calls are made could not be used.", "a running thread", "none",
        ["the machine's limit of threads was reached"], "ulimit -u; then reeve sweep --resume"
      )
    case .notLoaded:
      (
        "A plugin that is needed is not loaded; its part of the sweep is a gap. See what kept it from being loaded.",
        "a loaded plugin of this id", "none",
        ["it could not be loaded: an error of the P series says why", "it is not locked", "its id is misspelled"],
        "reeve plugin list --config reeve.yaml"
      )
    case .operationNotGranted:
      (
        "The plugin asked for, or planned, an AWS operation outside of its grant. The call was not made, and the "
          + "fault is recorded as the plugin's. The manifest and the lock have to change if the call is meant; else "
          + "the plugin.",
        "an operation under /operations of plugin.json that plugins.lock grants", "another one, or one that is no read",
        [
          "the operation is not named in plugin.json", "discovery asked for an operation that is no read",
          "the plugin does more than it says",
        ], "add it to /operations of plugin.json, then reeve plugin lock --update ID"
      )
    case .unknownCheck:
      (
        "A check was asked for that the plugin does not have: a defect of reeve, which knows its checks.",
        "one of its checks", "another", ["a defect of reeve"], "reeve plugin list"
      )
    case .noVerdict:
      (
        "The plugin returned without a verdict of one of its checks on one of the resources; that one is not "
          + "evaluated. The plugin has to change.",
        "one verdict for each resource and check", "none",
        ["a resource is skipped where it should be not applicable", "a loop ends early"],
        "reeve plugin validate FOLDER --only check.one"
      )
    case .crashed, .forbidden, .outOfMemory, .timedOut, .hostFailed, .quarantined: ended(fault)
    }
  }

  /// Of plugins in a sandbox, whose process ends for them.
  private static func ended(_ fault: PluginFault) -> (String, String, String, [String], String) {
    switch fault {
    case .forbidden:
      (
        "The plugin made a system call that only a program makes that does I/O, starts threads or processes, or reaches "
          + "for others. Its process was ended; what it worked on is not evaluated. The plugin has to change.",
        "a function of what the plugin is handed", "the system call that the message names",
        [
          "started a thread: `Task {`, `Task.detached`, `Task.sleep`, `MainActor`, `DispatchQueue`, `pthread_create`",
          "opened a socket: emit a request instead, and reeve makes the call", "a library that it links does so",
        ], "reeve plugin validate LIBRARY"
      )
    case .outOfMemory:
      (
        "The plugin used up the memory that its process may have and was ended. What it worked on is not evaluated. "
          + "The plugin has to change.",
        "2 GiB at most", "no memory left",
        ["it keeps what it should forget between calls", "a collection that grows with every resource"],
        "reeve plugin validate LIBRARY"
      )
    case .timedOut:
      (
        "The plugin did not return in time and its process was ended. What it worked on is not evaluated. The plugin has "
          + "to change.",
        "an answer within 60 s, or soon after `cancelled` says 1", "none",
        ["a loop that does not end on some input", "work that grows with the square of the batch"],
        "reeve plugin record > resources.json; reeve plugin run LIBRARY --resources resources.json"
      )
    case .hostFailed:
      (
        "No process could be started for the plugin. The machine has to change.", "reeve-plugin-host beside reeve",
        "what the message says",
        ["the limit of processes or of memory is reached", "reeve-plugin-host was replaced while reeve ran"],
        "reeve doctor; ulimit -a"
      )
    case .quarantined:
      (
        "The plugin fell too often and is not called any more, in this sweep or the next, until its library changes or "
          + "somebody resets it. All that it should have said is not evaluated.",
        "a plugin that gets over nine resources in ten", "one that does not", ["the reason that is stored with it"],
        "reeve plugin status; reeve plugin reset ID"
      )
    default:
      (
        "The plugin's process ended in the middle of a call. What the plugin worked on is not evaluated; the rest of the "
          + "batch was evaluated again. The plugin has to change.",
        "a return", "the signal or the status that the message names",
        [
          "a Swift trap: an index out of range, an overflow, nil that was unwrapped",
          "an address that was kept from an earlier call: what is lent is lent for one call", "a call of exit or abort",
        ], "reeve plugin record > resources.json; reeve plugin run LIBRARY --resources resources.json"
      )
    }
  }
}

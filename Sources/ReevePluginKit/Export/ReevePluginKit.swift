// What a Swift plugin author imports, and nothing more. The contract itself is the C header, which is handed on: an
// author who wants to implement its structs by hand can, beside this kit or without it.
@_exported public import CReevePlugin

/// The kit's own name and version, as the descriptor says it.
let kitName = "ReevePluginKit 1.0"

#if compiler(>=6.4)
  let kitToolchain = "Swift 6.4 or later"
#elseif compiler(>=6.3)
  let kitToolchain = "Swift 6.3"
#else
  let kitToolchain = "Swift before 6.3"
#endif

extension PluginExplanation {
  static func explanation(of code: PluginLoadError.Code) -> PluginExplanation {
    let (what, expected, found, causes, next) = loading(code)
    return PluginExplanation(code.rawValue, what, expected: expected, found: found, causes: causes, next: next)
  }

  private typealias Parts = (String, String, String, [String], String)

  private static func loading(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .manifestMissing, .manifestInvalid, .manifestABI: manifest(code)
    case .lockUnusable, .notLocked, .lockIdentity, .manifestHash, .platformNotLocked, .libraryHash: lock(code)
    case .grantExceeded, .isolationUnavailable, .duplicatePlugin, .duplicateCheck: admission(code)
    case .signatureMissing, .signatureWrong, .keyNotTrusted: signature(code)
    case .fileMissing, .symbolicLink, .notRegularFile, .wrongOwner, .writableByAll, .fileUnreadable: file(code)
    case .notALibrary, .wrongMachine, .noEntry, .wrongABI, .neededLibrary: library(code)
    case .textRelocations, .executableStack, .searchPath, .writableCode: form(code)
    case .loaderRefused, .declined, .diedLoading: loader(code)
    default: descriptor(code)
    }
  }

  private static func manifest(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .manifestMissing:
      (
        "The plugin's folder holds no plugin.json. The folder, or the lock that names it, has to change.",
        "plugin.json in the folder that the lock names", "no such file",
        [
          "the plugin was moved or removed and the lock still names its old folder",
          "the checkout or the container image was made without the plugin's files",
          "the library was copied without its manifest",
        ], "ls -l the folder that the message names; then reeve plugin lock"
      )
    case .manifestInvalid:
      (
        "plugin.json breaks the rules for manifests. The manifest has to change; every problem is named with its "
          + "JSON pointer.",
        "the members that `reeve plugin new` writes", "what the message says stands at that pointer",
        [
          "a misspelled member or value; the message suggests the nearest known one",
          "a member that has no meaning for the plugin's kinds, or one that its kinds need is missing",
          "a keyword of JSON Schema in /configuration that Reeve does not check",
        ], "edit plugin.json, then reeve plugin validate FOLDER"
      )
    default:
      (
        "The manifest asks for another major version of the plugin contract. If its number is higher, reeve has "
          + "to be upgraded; if it is lower, the plugin.",
        "\"abi\": 1", "another number",
        ["the plugin was built for a later reeve", "the number was mistaken for the plugin's own version"],
        "reeve --version; then upgrade reeve, or take a version of the plugin for ABI 1"
      )
    }
  }

  private static func lock(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .lockUnusable:
      (
        "A lock cannot be used, so nothing that it would vouch for is loaded. The lock has to change.",
        "a readable file of version 1 that nobody else may write", "what the message says",
        [
          "a merge conflict or an edit by hand left it broken", "the path in reeve.yaml is wrong",
          "its folder or the file is writable by everybody, or belongs to somebody else",
          "it names a shipped plugin that this reeve does not have",
        ], "reeve plugin lock --locked"
      )
    case .notLocked:
      (
        "The plugin lies in a plugin folder, and no lock names it. Nothing is loaded that is not locked; a "
          + "person has to approve it.",
        "an entry in plugins.lock", "none",
        [
          "it is new and nobody has locked it yet", "plugins.lock was not committed with it",
          "its folder was renamed after it was locked",
        ], "reeve plugin lock FOLDER"
      )
    case .lockIdentity:
      (
        "The lock was made for another plugin or another version than the one that lies there. If the change is "
          + "meant, the lock has to change.",
        "id and version as they were locked", "those of plugin.json",
        ["the plugin was upgraded and not locked again", "two folders were mixed up"],
        "reeve plugin lock --update ID"
      )
    case .manifestHash:
      (
        "plugin.json is not the file that was locked. If the change is meant, the lock has to change; if not, "
          + "find out who changed the file.",
        "the SHA-256 in the lock", "that of the file",
        [
          "the manifest was edited after it was locked", "line endings were converted on checkout",
          "the file was tampered with",
        ], "git diff on plugin.json, then reeve plugin lock --update ID"
      )
    case .platformNotLocked:
      (
        "The lock has hashes of library and manifest for other platforms only. The lock has to change.",
        "an entry for this platform under \"library\" and under \"manifest\"", "entries for other platforms",
        ["the plugin was locked on another kind of machine", "a new version was locked there and not here yet"],
        "reeve plugin lock --update ID, on this platform"
      )
    default:
      (
        "The library is not the file that was locked. If the change is meant, the lock has to change; if not, "
          + "find out who changed the file.",
        "the SHA-256 in the lock", "that of the file",
        [
          "the plugin was built again: another folder or compiler gives other bytes",
          "another version was put there without locking it", "the file was tampered with",
        ], "reeve plugin verify FOLDER, then reeve plugin lock --update ID"
      )
    }
  }

  private static func admission(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .grantExceeded:
      (
        "The plugin wants to call operations, or to work on resource types, that nobody granted it. The lock has "
          + "to change, or the plugin.",
        "operations and resourceTypes of plugin.json within those of plugins.lock", "more, as the message lists",
        ["a new version does more than the one that was approved", "the grant was narrowed by hand in plugins.lock"],
        "reeve plugin lock --update ID shows the difference and asks"
      )
    case .isolationUnavailable:
      (
        "The lock asks for an isolation that this machine or this reeve does not offer. The machine, the lock or "
          + "the configuration has to change.",
        "the isolation in plugins.lock", "what the message says is missing",
        [
          "the kernel has no Landlock or seccomp, as inside some container runtimes",
          "reeve-plugin-host does not lie beside reeve", "the reeve is older than the lock",
        ], "reeve doctor"
      )
    case .duplicatePlugin:
      (
        "Two plugins have one id. The first one stays (shipped ones come first); the other has to change its id.",
        "an id of its own for each plugin", "one that is taken",
        ["the same plugin is locked twice in two folders", "a copy of a plugin kept the id of the original"],
        "reeve plugin list"
      )
    default:
      (
        "Two plugins have a check of one id. The first one stays; the other plugin has to rename its check.",
        "an id of its own for each check", "one that is taken",
        [
          "a plugin was copied as a beginning for another", "two teams chose the same word: begin with the plugin's id",
        ],
        "reeve plugin list"
      )
    }
  }

  private static func signature(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .signatureMissing:
      (
        "The configuration names trusted keys, so each of the team's plugins must be signed, and this one is "
          + "not. The plugin has to be signed.",
        "plugin.sig beside plugin.json", "no such file",
        ["the plugin was built here and never signed", "plugin.sig was not copied with the plugin"],
        "reeve plugin sign FOLDER --key FILE, where the private key is"
      )
    case .signatureWrong:
      (
        "A trusted key has signed this plugin, but not these bytes. If the change is meant, it has to be signed again.",
        "a signature over id, version, platform and the SHA-256 of manifest and library",
        "one over something else, or a plugin.sig that cannot be read",
        ["the plugin was built again after it was signed", "plugin.sig belongs to another version", "tampering"],
        "reeve plugin verify FOLDER --key PUBLICKEY"
      )
    default:
      (
        "The plugin is signed, but by none of the trusted keys, or not for this platform. The signature or the "
          + "configuration has to change.",
        "a signature by a key under plugins.trustedKeys", "signatures by the keys that the message lists",
        [
          "it was signed for another platform only", "the key was replaced and the configuration not",
          "it comes from somebody whom nobody decided to trust",
        ], "reeve plugin verify FOLDER --config reeve.yaml"
      )
    }
  }

  private static func file(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .fileMissing:
      (
        "A file that the lock or the manifest names is not there. The plugin's folder, or the lock, has to change.",
        "the file that the message names", "nothing",
        ["the library was not built yet", "/library in plugin.json names another file", "it was removed"],
        "ls -l the plugin's folder"
      )
    case .symbolicLink:
      (
        "The file is a symbolic link, which can point elsewhere after it was looked at. The folder has to change.",
        "the file itself", "a link",
        ["the library was linked into the folder from a build folder", "a package manager made versioned links"],
        "cp --dereference the file into the plugin's folder"
      )
    case .notRegularFile:
      (
        "What stands under the file's name is no file. The folder has to change.", "a regular file",
        "a directory, a pipe or a device",
        ["a folder was made with the library's name", "an attempt to make reeve wait"],
        "ls -l the plugin's folder"
      )
    case .wrongOwner:
      (
        "The file or a folder above it belongs to a user who is neither root nor the one who runs reeve, and "
          + "could change it. Its owner has to change.",
        "root, or the user who runs reeve", "another user",
        [
          "it was unpacked from an archive that kept another user's id",
          "reeve runs as another user than the one who installed the plugins",
        ], "chown -R root: the plugin's folder"
      )
    case .writableByAll:
      (
        "Everybody may write the file or a folder above it, so anybody could change what is loaded. Its mode has "
          + "to change.",
        "no write permission for others", "a mode with it",
        ["it lies below a shared folder", "umask 0 when it was made", "a volume that is mounted with mode 777"],
        "chmod o-w what the message names"
      )
    default:
      (
        "A file cannot be read, or not taken into custody. Its permissions, or the machine, have to change.",
        "a file that the user who runs reeve can read", "what the system answered",
        ["missing read permission", "it is larger than any plugin should be", "no memory for a sealed copy"],
        "ls -l what the message names"
      )
    }
  }

  private static func library(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .notALibrary:
      (
        "The library's file is no shared library in ELF form. The file has to change.",
        "a shared object (ELF type 3)", "something else, or one that is cut off",
        [
          "a download or copy that broke off",
          "an executable or an object file instead of a library: link with -shared",
          "a text file, such as an error page or a Git LFS pointer",
        ], "file the library"
      )
    case .wrongMachine:
      (
        "The library is built for another kind of machine. The library has to change.",
        "this machine's architecture", "another",
        ["it was built on a developer's machine of another kind", "the wrong file of a release was copied"],
        "uname -m; file the library; then build it here"
      )
    case .noEntry:
      (
        "The library does not export the one function that every plugin must. The library has to change.",
        "reeve_plugin_entry_v1", "no such export",
        [
          "it was compiled with -fvisibility=hidden, and the definition lacks REEVE_EXPORT",
          "in C++: the definition is not extern \"C\"", "the Swift target with the entry is not part of the product",
          "it is no Reeve plugin",
        ], "nm -D the library | grep reeve_plugin_entry"
      )
    case .wrongABI:
      (
        "The library exports the entry of another major version of the contract. If that is higher, reeve has to "
          + "be upgraded; if lower, the plugin.",
        "reeve_plugin_entry_v1", "the entry of another major version",
        ["the plugin was built with the header of a later reeve", "the plugin is of the time before ABI 1"],
        "reeve --version; then upgrade reeve, or build the plugin with the header of ABI 1"
      )
    default:
      (
        "The library needs another library that a plugin may not load. The plugin has to change.",
        "only the C, C++ and Swift runtimes", "what the message names",
        [
          "it links a library for I/O, such as libcurl: a plugin does none, it asks reeve",
          "a helper library of its own that should be linked statically",
        ], "readelf -d the library | grep NEEDED"
      )
    }
  }

  private static func form(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .textRelocations:
      (
        "The library wants its code rewritten while it is loaded. How it is built has to change.",
        "position-independent code", "relocations in the text",
        ["an object that was compiled without -fPIC", "assembly with absolute addresses"],
        "compile with -fPIC and link with -Wl,-z,text"
      )
    case .executableStack:
      (
        "The library asks for an executable stack. How it is built has to change.", "a stack that is not executable",
        "PT_GNU_STACK with X, or none at all",
        ["an assembly file without .note.GNU-stack", "nested functions of GNU C", "an old linker"],
        "link with -Wl,-z,noexecstack"
      )
    case .searchPath:
      (
        "The library brings search paths for other libraries, through which it could load what nobody hashed. "
          + "How it is linked has to change.",
        "none, $ORIGIN, or the Swift toolchain's", "another folder in RUNPATH or RPATH",
        ["-rpath was given to the linker", "a build tool that adds its own folders", "an attempt to load other code"],
        "readelf -d the library | grep -E 'RPATH|RUNPATH'; then link without -rpath"
      )
    default:
      (
        "A part of the library is both writable and executable. How it is linked has to change.",
        "no segment with W and X", "one with both",
        ["linked with -N, or with a linker script that merges code and data"],
        "readelf -lW the library"
      )
    }
  }

  private static func loader(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .loaderRefused:
      (
        "The system's loader refused the library. How it is built has to change, or this machine's runtime.",
        "every symbol defined in the library, the C runtime or the Swift runtime", "what the loader says",
        [
          "a function that is declared and never defined: link with -Wl,-z,defs to see it at build time",
          "it was built with another version of Swift than the runtime here", "no thread could be started for it",
        ], "ldd -r the library"
      )
    case .diedLoading:
      (
        "The plugin's host process ended while it loaded the library or called its entry, which must not fail and must "
          + "not do work. The library has to change.",
        "a library that does nothing before it is called", "an end, as the message says",
        [
          "a constructor or a global initializer opens a file, starts a thread or crashes",
          "the entry computes something that traps", "a library that it links does one of these",
        ], "reeve plugin run LIBRARY --isolation inline under a debugger"
      )
    default:
      (
        "The library's entry returned NULL: it says of itself that it cannot work with this reeve. Its author "
          + "has to say what it needs.",
        "a descriptor", "NULL", ["the plugin needs a newer reeve", "a defect in its entry"],
        "reeve --version; then ask the plugin's author"
      )
    }
  }

  private static func descriptor(_ code: PluginLoadError.Code) -> Parts {
    switch code {
    case .descriptorMalformed:
      (
        "What the library says of itself breaks the contract. The library has to change.",
        "a reeve_plugin and interfaces as the header has them", "what the message says",
        [
          "a struct_size or the magic was not set", "a required function is NULL",
          "the descriptor lies on the stack and not in static memory",
        ], "reeve plugin validate FOLDER"
      )
    case .descriptorABI:
      (
        "The library exports the entry of ABI 1 and says another major version inside. The library has to change.",
        "abi_major 1", "another number", ["it was compiled with another header than the one its entry comes from"],
        "build it with one header only"
      )
    case .needsNewerHost:
      (
        "The library needs a later minor version of the contract than this reeve speaks. Reeve has to be upgraded.",
        "need_host_minor of at most this reeve's", "a higher one",
        ["the plugin uses what a later reeve offers", "need_host_minor was set to the header's minor without need"],
        "reeve --version; then upgrade reeve"
      )
    case .idDiffers:
      (
        "Manifest and library name different plugins. One of them has to change.", "one id in both", "two",
        ["the library lies beside another plugin's manifest", "the id was changed in one place only"],
        "grep '\"id\"' plugin.json; then correct it there or in the entry"
      )
    case .versionDiffers:
      (
        "Manifest and library say different versions. One of them has to change.", "one version in both", "two",
        ["the library was not built again after the version was raised", "the version was raised in one place only"],
        "build the library again, or correct /version in plugin.json"
      )
    case .checksDiffer:
      (
        "The checks of the manifest are not those of the library. One of them has to change.",
        "the same check ids in both, each once", "what the message says",
        ["a check was added in one place only", "an id is misspelled in one of them"],
        "compare /checks in plugin.json with the checks that the entry exports"
      )
    default:
      (
        "The kinds of the manifest are not the interfaces of the library. One of them has to change.",
        "one interface for each kind in /kinds", "what the message says",
        ["a kind was added in one place only", "a type was not handed to exportPlugin"],
        "compare /kinds in plugin.json with what the entry exports"
      )
    }
  }
}

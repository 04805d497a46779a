#!/usr/bin/env bash
# build.sh OUTPUT: the fuzzers, with libFuzzer and the address sanitizer from the toolchain. The modules under them are
# compiled anew, so that their branches are seen.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$1
swiftc=${SWIFTC:-swiftc}
clang=${CLANG:-$(dirname "$(readlink -f "$(command -v "$swiftc")")")/clang}
mkdir -p "$out"
flags=(-O -enable-testing -swift-version 6 -package-name reeve -sanitize=fuzzer,address -parse-as-library -strict-memory-safety
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault
  -I "$out" -module-cache-path "$out/cache")
for module in COpenSSL CXML2; do flags+=(-Xcc "-fmodule-map-file=$root/Sources/$module/module.modulemap"); done
for flag in $(pkg-config --cflags libcrypto libxml-2.0); do flags+=(-Xcc "$flag"); done
printf 'module CAWSModels { header "%s" export * }\n' "$root/Sources/CAWSModels/include/reeve_models.h" > "$out/models.modulemap"
flags+=(-Xcc "-fmodule-map-file=$out/models.modulemap")
for module in CReevePlugin CSandbox; do
  flags+=(-Xcc "-fmodule-map-file=$root/Sources/$module/include/module.modulemap" -Xcc "-I$root/Sources/$module/include")
done
"$clang" -O1 -Wno-c23-extensions -I "$root/Sources/CAWSModels/include" -c "$root/Sources/CAWSModels/models.c" -o "$out/models.o"

objects=("$out/models.o")
for source in "$root"/Sources/CSandbox/*.c; do
  object=$out/$(basename "$source" .c).o
  "$clang" -O1 -std=gnu11 -I "$root/Sources/CSandbox/include" -c "$source" -o "$object"
  objects+=("$object")
done
for module in Governance Determinism AWSWire EC2Simulator Orchestrator PluginFrames PluginHost; do
  "$swiftc" "${flags[@]}" -wmo -module-name "$module" -emit-module -emit-module-path "$out/$module.swiftmodule" \
    -c -o "$out/$module.o" $(find "$root/Sources/$module" -name '*.swift' | LC_ALL=C sort)
  objects+=("$out/$module.o")
done
for source in "$root"/Tests/Fuzz/*Fuzzer.swift; do
  name=$(basename "$source" .swift)
  "$swiftc" "${flags[@]}" -module-name "$name" "$source" "${objects[@]}" $(pkg-config --libs libcrypto libxml-2.0) -o "$out/$name"
done

#pragma once
#include <libxml/parser.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlwriter.h>

// xmlFree is a mutable global function pointer, which Swift refuses to read.
static inline void reeve_xml_free(void *_Nullable pointer) { xmlFree(pointer); }

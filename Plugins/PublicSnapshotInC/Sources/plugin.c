#include "reeve_plugin.h"

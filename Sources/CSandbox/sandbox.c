#include "reeve_sandbox.h"

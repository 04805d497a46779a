#include "reeve_models.h"

#pragma once
#include <stddef.h>

// A shape table: text, one line a shape (`make models` writes them; .models/generate.py says how they read).
typedef struct reeve_shape_table {
  const unsigned char *_Nonnull bytes;
  size_t length;
} reeve_shape_table;

reeve_shape_table reeve_shapes_cloudtrail(void);
reeve_shape_table reeve_shapes_ec2(void);
reeve_shape_table reeve_shapes_iam(void);
reeve_shape_table reeve_shapes_organizations(void);
reeve_shape_table reeve_shapes_sts(void);

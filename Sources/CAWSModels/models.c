#include "reeve_models.h"

#define TABLE(service)                                                     \
  reeve_shape_table reeve_shapes_##service(void) {                         \
    reeve_shape_table table = {service##_bytes, sizeof(service##_bytes)};  \
    return table;                                                          \
  }

static const unsigned char cloudtrail_bytes[] = {
#embed "tables/cloudtrail.shapes"
};
static const unsigned char ec2_bytes[] = {
#embed "tables/ec2.shapes"
};
static const unsigned char iam_bytes[] = {
#embed "tables/iam.shapes"
};
static const unsigned char organizations_bytes[] = {
#embed "tables/organizations.shapes"
};
static const unsigned char sts_bytes[] = {
#embed "tables/sts.shapes"
};

TABLE(cloudtrail)
TABLE(ec2)
TABLE(iam)
TABLE(organizations)
TABLE(sts)

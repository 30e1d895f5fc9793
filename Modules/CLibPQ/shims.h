#ifndef TESSERA_CLIBPQ_SHIMS_H
#define TESSERA_CLIBPQ_SHIMS_H

#include <libpq-fe.h>

#endif

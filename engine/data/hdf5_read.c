/* hdf5_read.c - an HDF5 file told as records. Nothing outside the file is read, and no filter is loaded. */
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/hdf5.h"

/* More than any model has. DEFLATE_LIMIT: zlib packs at most 1032 bytes into one. */
enum { MAX_DEPTH = 64, MAX_OBJECTS = 200 * 1000, DEFLATE_LIMIT = 1032 };

typedef struct reader {
  FILE *out;
  nn_error error;
  hsize_t size;  /* bytes of the file */
  hsize_t room;  /* bytes that its values may still take */
  int64_t count; /* objects so far */
  int depth;
} reader;

/* What holds a value: an attribute or a data set. */
typedef struct holder {
  hid_t id, type, space;
  bool is_attribute;
  hsize_t count; /* numbers or texts in it */
  int ndim;
  hsize_t dim[H5S_MAX_RANK];
} holder;

/* ---- records ---- */

static void put(reader *self, const void *bytes, size_t size) { fwrite(bytes, 1, size, self->out); }
static void put_byte(reader *self, int byte) { fputc(byte, self->out); }

static void put_text(reader *self, const char *text, size_t length) {
  uint32_t size = (uint32_t)length;
  put(self, &size, sizeof size);
  put(self, text, size);
}

static void begin(reader *self, int kind, const char *name) {
  put_byte(self, kind);
  put_text(self, name, strlen(name));
}

/* ---- values ---- */

static herr_t read_raw(const holder *from, hid_t type, void *to) {
  return from->is_attribute ? H5Aread(from->id, type, to) : H5Dread(from->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
}

static int damaged(reader *self, const char *name) {
  return nn_fail(&self->error, "%s cannot be read: the file is damaged", name);
}

/* Takes the bytes of a value from what the file can hold. */
static int take_room(reader *self, const char *name, hsize_t count, hsize_t bytes) {
  if (bytes != 0 && count > self->room / bytes)
    return nn_fail(&self->error, "%s has more values than a file of %llu bytes can hold", name,
                   (unsigned long long)self->size);
  self->room -= count * bytes;
  return NN_OK;
}

/* The tensor type and the type in memory for numbers of a file. Whole numbers of more than 32 bits are read as such
 * first: see put_whole. */
static hid_t memory_type(const holder *from, nn_dtype *dtype) {
  H5T_class_t kind = H5Tget_class(from->type);
  size_t size = H5Tget_size(from->type);
  *dtype = NN_FLOAT32;
  if (kind == H5T_FLOAT)
    return H5T_NATIVE_FLOAT;
  if (kind == H5T_ENUM) { /* h5py's booleans */
    *dtype = NN_UINT8;
    return size == 1 ? H5T_NATIVE_UINT8 : -1;
  }
  if (kind != H5T_INTEGER)
    return -1;
  bool is_signed = H5Tget_sign(from->type) == H5T_SGN_2;
  *dtype = size == 1 && !is_signed ? NN_UINT8 : NN_INT32;
  if (size > 4 || (size == 4 && !is_signed))
    return H5T_NATIVE_INT64;
  return *dtype == NN_UINT8 ? H5T_NATIVE_UINT8 : H5T_NATIVE_INT32;
}

static void put_shape(reader *self, const holder *from, nn_dtype dtype) {
  put_byte(self, NN_HDF5_TENSOR);
  put_byte(self, (int)dtype);
  put_byte(self, from->ndim);
  for (int i = 0; i < from->ndim; i++) {
    int64_t length = (int64_t)from->dim[i];
    put(self, &length, sizeof length);
  }
}

/* Long whole numbers: int32 if all fit, else float32. */
static void put_whole(reader *self, const holder *from, const int64_t *numbers) {
  bool fits = true;
  for (hsize_t i = 0; i < from->count; i++)
    fits = fits && numbers[i] >= INT32_MIN && numbers[i] <= INT32_MAX;
  put_shape(self, from, fits ? NN_INT32 : NN_FLOAT32);
  for (hsize_t i = 0; i < from->count; i++) {
    int32_t whole = (int32_t)numbers[i];
    float real = (float)numbers[i];
    put(self, fits ? (void *)&whole : (void *)&real, 4);
  }
}

static int put_numbers(reader *self, const holder *from, const char *name, hid_t type, nn_dtype dtype) {
  void *numbers = malloc((size_t)from->count * H5Tget_size(type) + 1);
  if (numbers == NULL)
    return nn_fail(&self->error, "not enough memory for %s", name);
  if (from->count > 0 && read_raw(from, type, numbers) < 0) {
    free(numbers);
    return damaged(self, name);
  }
  if (type == H5T_NATIVE_INT64) {
    put_whole(self, from, numbers);
  } else {
    put_shape(self, from, dtype);
    put(self, numbers, (size_t)from->count * H5Tget_size(type));
  }
  free(numbers);
  return NN_OK;
}

static void begin_texts(reader *self, const holder *from) {
  uint32_t count = (uint32_t)from->count;
  put_byte(self, NN_HDF5_TEXTS);
  put_byte(self, from->ndim > 0);
  put(self, &count, sizeof count);
}

static size_t fixed_length(const char *text, size_t size, H5T_str_t padding) {
  size_t length = strnlen(text, size);
  while (padding == H5T_STR_SPACEPAD && length > 0 && text[length - 1] == ' ')
    length--;
  return length;
}

static int put_fixed_texts(reader *self, const holder *from, const char *name) {
  size_t size = H5Tget_size(from->type);
  char *texts = malloc((size_t)from->count * size + 1);
  if (texts == NULL)
    return nn_fail(&self->error, "not enough memory for %s", name);
  if (from->count > 0 && read_raw(from, from->type, texts) < 0) {
    free(texts);
    return damaged(self, name);
  }
  begin_texts(self, from);
  for (hsize_t i = 0; i < from->count; i++)
    put_text(self, texts + i * size, fixed_length(texts + i * size, size, H5Tget_strpad(from->type)));
  free(texts);
  return NN_OK;
}

static int put_variable_texts(reader *self, const holder *from, const char *name) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5Tget_cset(from->type));
  char **texts = calloc((size_t)from->count + 1, sizeof *texts);
  int status = texts == NULL ? nn_fail(&self->error, "not enough memory for %s", name) : NN_OK;
  if (status == NN_OK && from->count > 0 && read_raw(from, type, texts) < 0)
    status = damaged(self, name);
  if (status == NN_OK) {
    begin_texts(self, from);
    for (hsize_t i = 0; i < from->count; i++)
      put_text(self, texts[i] != NULL ? texts[i] : "", texts[i] != NULL ? strlen(texts[i]) : 0);
    H5Dvlen_reclaim(type, from->space, H5P_DEFAULT, texts);
  }
  free(texts);
  H5Tclose(type);
  return status;
}

static int put_value(reader *self, holder *from, const char *name) {
  H5S_class_t kind = H5Sget_simple_extent_type(from->space);
  if (kind == H5S_NULL) {
    put_byte(self, NN_HDF5_NOTHING);
    return NN_OK;
  }
  from->ndim = H5Sget_simple_extent_dims(from->space, from->dim, NULL);
  hssize_t count = H5Sget_simple_extent_npoints(from->space);
  if (kind == H5S_NO_CLASS || from->ndim < 0 || count < 0)
    return damaged(self, name);
  from->count = (hsize_t)count;
  nn_dtype dtype;
  hid_t type = memory_type(from, &dtype);
  bool is_text = H5Tget_class(from->type) == H5T_STRING;
  if (type < 0 && !is_text) {
    put_byte(self, NN_HDF5_NOTHING);
    return NN_OK;
  }
  if (!is_text && from->ndim > NN_MAX_NDIM)
    return nn_fail(&self->error, "%s has %d axes; a tensor has at most %d", name, from->ndim, NN_MAX_NDIM);
  if (take_room(self, name, from->count, H5Tget_size(from->type)) != NN_OK)
    return NN_ERROR;
  if (!is_text)
    return put_numbers(self, from, name, type, dtype);
  return H5Tis_variable_str(from->type) > 0 ? put_variable_texts(self, from, name) : put_fixed_texts(self, from, name);
}

/* ---- attributes, data sets, groups ---- */

static int put_holder(reader *self, int kind, holder *from, const char *name) {
  int status = NN_ERROR;
  if (from->type >= 0 && from->space >= 0) {
    begin(self, kind, name);
    status = put_value(self, from, name);
  } else {
    damaged(self, name);
  }
  if (from->space >= 0)
    H5Sclose(from->space);
  if (from->type >= 0)
    H5Tclose(from->type);
  return status;
}

static herr_t visit_attribute(hid_t group, const char *name, const H5A_info_t *info, void *data) {
  (void)info;
  reader *self = data;
  if (++self->count > MAX_OBJECTS)
    return nn_fail(&self->error, "has more than %d objects", MAX_OBJECTS);
  hid_t id = H5Aopen(group, name, H5P_DEFAULT);
  if (id < 0)
    return damaged(self, name);
  holder from = {.id = id, .type = H5Aget_type(id), .space = H5Aget_space(id), .is_attribute = true};
  int status = put_holder(self, NN_HDF5_ATTRIBUTE, &from, name);
  H5Aclose(id);
  return status;
}

/* Values only lie in the file itself, packed by filters that libhdf5 brings along. */
static int check_storage(reader *self, const char *name, hid_t set) {
  hid_t settings = H5Dget_create_plist(set);
  if (settings < 0)
    return damaged(self, name);
  int status = NN_OK;
  H5D_layout_t layout = H5Pget_layout(settings);
  if (layout == H5D_VIRTUAL || H5Pget_external_count(settings) != 0)
    status = nn_fail(&self->error, "%s keeps its values in other files, which are not read", name);
  else if (layout == H5D_LAYOUT_ERROR)
    status = damaged(self, name);
  for (int i = 0; status == NN_OK && i < H5Pget_nfilters(settings); i++) {
    unsigned flags;
    size_t values = 0;
    H5Z_filter_t filter = H5Pget_filter2(settings, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
      status = nn_fail(&self->error,
                       "%s is packed in a way that is not read (HDF5 filter %d): save it with gzip, or "
                       "not packed",
                       name, (int)filter);
  }
  H5Pclose(settings);
  return status;
}

static int visit_data(reader *self, const char *name, hid_t set) {
  if (check_storage(self, name, set) != NN_OK)
    return NN_ERROR;
  holder from = {.id = set, .type = H5Dget_type(set), .space = H5Dget_space(set)};
  return put_holder(self, NN_HDF5_DATA, &from, name);
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data);

static int visit_group(reader *self, const char *name, hid_t group) {
  if (++self->depth > MAX_DEPTH)
    return nn_fail(&self->error, "has groups within groups, more than %d deep", MAX_DEPTH);
  begin(self, NN_HDF5_GROUP, name);
  hid_t settings = H5Gget_create_plist(group);
  unsigned order = 0;
  if (settings < 0)
    return damaged(self, name);
  H5Pget_link_creation_order(settings, &order);
  H5Pclose(settings);
  H5_index_t by = order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  if (H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_attribute, self) < 0 ||
      H5Literate(group, by, H5_ITER_INC, NULL, visit_link, self) < 0)
    return self->error.message[0] != '\0' ? NN_ERROR : damaged(self, name);
  self->depth--;
  begin(self, NN_HDF5_END, "");
  return NN_OK;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  reader *self = data;
  if (++self->count > MAX_OBJECTS)
    return nn_fail(&self->error, "has more than %d objects", MAX_OBJECTS);
  if (info->type != H5L_TYPE_HARD)
    return nn_fail(&self->error, "%s is a link to another place or file, which is not followed", name);
  hid_t id = H5Oopen(group, name, H5P_DEFAULT);
  if (id < 0)
    return damaged(self, name);
  H5I_type_t kind = H5Iget_type(id);
  int status = kind == H5I_GROUP     ? visit_group(self, name, id)
               : kind == H5I_DATASET ? visit_data(self, name, id)
                                     : NN_OK;
  H5Oclose(id);
  return status;
}

/* ---- the file ---- */

static hid_t open_file(const char *path, const void *image, size_t size) {
  if (image == NULL)
    return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  enum { INCREMENT = 1 << 20 };
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, INCREMENT, 0);
  hid_t file =
      H5Pset_file_image(access, (void *)(uintptr_t)image, size) < 0 ? -1 : H5Fopen("memory", H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

void nn_hdf5_prepare(void) {
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1); /* folders may be read-only, or on a network */
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
}

void nn_hdf5_stream(FILE *out, const char *path, const void *image, size_t size) {
  reader self = {.out = out, .size = size};
  struct stat status;
  if (image == NULL && stat(path, &status) == 0)
    self.size = (hsize_t)status.st_size;
  self.room = self.size * DEFLATE_LIMIT;
  nn_hdf5_prepare();
  hid_t file = open_file(path, image, size);
  hid_t root = file < 0 ? -1 : H5Gopen2(file, "/", H5P_DEFAULT);
  if (root < 0)
    nn_fail(&self.error, "is no HDF5 file, or a damaged one");
  if (root >= 0 && visit_group(&self, "/", root) == NN_OK)
    begin(&self, NN_HDF5_DONE, "");
  else
    begin(&self, NN_HDF5_ERROR, self.error.message);
}

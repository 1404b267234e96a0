/* hdf5_write.c - an HDF5 file made in memory. */
#include <hdf5.h>
#include <string.h>

#include "data/hdf5.h"

static int failed(nn_error *error, const char *path) { return nn_fail(error, "HDF5 cannot write %s", path); }

int nn_hdf5_writer_open(nn_error *error, nn_hdf5_writer *writer) {
  enum { INCREMENT = 1 << 20 };
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, INCREMENT, 0); /* nothing goes to the disk */
  writer->file = H5Fcreate("memory", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  return writer->file < 0 ? failed(error, "a file") : NN_OK;
}

void nn_hdf5_writer_close(nn_hdf5_writer *writer) {
  if (writer->file >= 0)
    H5Fclose(writer->file);
  *writer = NN_HDF5_WRITER_CLOSED;
}

/* Groups remember the order in which things came into them, as Keras' do. */
int nn_hdf5_write_group(nn_error *error, nn_hdf5_writer *writer, const char *path) {
  hid_t settings = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_link_creation_order(settings, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  hid_t group = H5Gcreate2(writer->file, path, H5P_DEFAULT, settings, H5P_DEFAULT);
  H5Pclose(settings);
  return group < 0 || H5Gclose(group) < 0 ? failed(error, path) : NN_OK;
}

static hid_t file_type(nn_dtype dtype) {
  return dtype == NN_FLOAT32 ? H5T_IEEE_F32LE : dtype == NN_INT32 ? H5T_STD_I32LE : H5T_STD_U8LE;
}

static hid_t native_type(nn_dtype dtype) {
  return dtype == NN_FLOAT32 ? H5T_NATIVE_FLOAT : dtype == NN_INT32 ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT8;
}

int nn_hdf5_write_tensor(nn_error *error, nn_hdf5_writer *writer, const char *path, const nn_tensor *tensor) {
  hsize_t dim[NN_MAX_NDIM];
  for (int i = 0; i < tensor->shape.ndim; i++)
    dim[i] = (hsize_t)tensor->shape.dim[i];
  hid_t space = tensor->shape.ndim == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(tensor->shape.ndim, dim, NULL);
  hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(settings, false); /* the same tensors give the same bytes */
  hid_t set = H5Dcreate2(writer->file, path, file_type(tensor->dtype), space, H5P_DEFAULT, settings, H5P_DEFAULT);
  bool is_written =
      set >= 0 && (nn_shape_count(&tensor->shape) == 0 ||
                   H5Dwrite(set, native_type(tensor->dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor->data) >= 0);
  if (set >= 0)
    H5Dclose(set);
  H5Pclose(settings);
  H5Sclose(space);
  return is_written ? NN_OK : failed(error, path);
}

/* Texts of any length, UTF-8, as h5py writes Python's. */
static int write_attribute(nn_error *error, nn_hdf5_writer *writer, const char *path, const char *name, hid_t space,
                           const char **texts) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  hid_t id = H5Acreate_by_name(writer->file, path, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bool is_written = id >= 0 && H5Awrite(id, type, texts) >= 0;
  if (id >= 0)
    H5Aclose(id);
  H5Tclose(type);
  H5Sclose(space);
  return is_written ? NN_OK : failed(error, name);
}

int nn_hdf5_write_text(nn_error *error, nn_hdf5_writer *writer, const char *path, const char *name, const char *text) {
  return write_attribute(error, writer, path, name, H5Screate(H5S_SCALAR), &text);
}

int nn_hdf5_write_texts(nn_error *error, nn_hdf5_writer *writer, const char *path, const char *name, const char **texts,
                        size_t count) {
  hsize_t dim = count;
  return write_attribute(error, writer, path, name, H5Screate_simple(1, &dim, NULL), texts);
}

int nn_hdf5_writer_bytes(nn_error *error, nn_hdf5_writer *writer, void *out, size_t *size) {
  ssize_t count = H5Fflush(writer->file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(writer->file, out, *size);
  if (count < 0)
    return failed(error, "a file");
  *size = (size_t)count;
  return NN_OK;
}

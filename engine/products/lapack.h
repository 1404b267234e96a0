/* lapack.h - the routines of LAPACK that come with OpenBLAS, by their Fortran names. Matrices are column by column:
 * a matrix that lies row by row is its own transpose there. */
#ifndef NN_LAPACK_H
#define NN_LAPACK_H

/* Solve a x = b; a becomes its factors, b becomes x. *info > 0: a is singular. */
void dgesv_(const int *n, const int *columns, double *a, const int *lda, int *pivot, double *b, const int *ldb,
            int *info);
/* Factor a = p l u. */
void dgetrf_(const int *rows, const int *columns, double *a, const int *lda, int *pivot, int *info);
/* Factor a positive definite matrix; *info > 0: it is none. */
void dpotrf_(const char *triangle, const int *n, double *a, const int *lda, int *info);
/* Eigenvalues, ascending, and eigenvectors of a symmetric matrix; a becomes the eigenvectors. */
void dsyev_(const char *job, const char *triangle, const int *n, double *a, const int *lda, double *values,
            double *work, const int *work_size, int *info);
/* a = u diag(s) vt. */
void dgesvd_(const char *job_u, const char *job_vt, const int *rows, const int *columns, double *a, const int *lda,
             double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *work_size,
             int *info);
/* a = q r; a becomes r and the reflectors that q is made of. */
void dgeqrf_(const int *rows, const int *columns, double *a, const int *lda, double *tau, double *work,
             const int *work_size, int *info);
/* The first columns of q from those reflectors. */
void dorgqr_(const int *rows, const int *columns, const int *count, double *a, const int *lda, const double *tau,
             double *work, const int *work_size, int *info);

#endif

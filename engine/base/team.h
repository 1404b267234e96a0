/* team.h - threads that share one task's parts. */
#ifndef NN_TEAM_H
#define NN_TEAM_H

#include <stdint.h>

typedef struct nn_team nn_team;
typedef void nn_team_part(void *context, int part);

/* A team of that many threads, the caller among them; NULL where they cannot be had, or for one. */
nn_team *nn_team_new(int threads);
void nn_team_free(nn_team *team);
/* 1 for no team. */
int nn_team_size(const nn_team *team);

enum { NN_TEAM_PARTS = UINT16_MAX };

/* Calls run(context, part) for parts 0 .. parts - 1, in any order, by whoever is free; returns when all are done. */
void nn_team_run(nn_team *team, int parts, nn_team_part *run, void *context);

#endif

/* markdown.c - module engine.markdown: Markdown as HTML, by md4c. */
#include <md4c-html.h>
#include <stdlib.h>
#include <string.h>

#include "binding/binding.h"

/* Text that grows. md4c calls back in the middle of its own work, so that no Lua error may leave from there. */
typedef struct {
  char *bytes;
  size_t length, capacity;
  bool failed;
} growing_text;

static void append(const MD_CHAR *bytes, MD_SIZE count, void *userdata) {
  growing_text *text = userdata;
  if (text->length + count > text->capacity && !text->failed) {
    size_t capacity = 2 * (text->length + count);
    char *grown = realloc(text->bytes, capacity);
    text->failed = grown == NULL;
    if (grown) {
      text->bytes = grown;
      text->capacity = capacity;
    }
  }
  if (text->failed)
    return;
  memcpy(text->bytes + text->length, bytes, count);
  text->length += count;
}

/* html(markdown) -> what stands inside of a page's body. Tables as GitHub's; HTML in the text is shown as text, so that
 * a page never runs what somebody wrote into a note. */
static int html(lua_State *L) {
  size_t length;
  const char *markdown = luaL_checklstring(L, 1, &length);
  if (length > (MD_SIZE)-1)
    return luaL_error(L, "the text is too long: %I bytes", (lua_Integer)length);
  growing_text text = {0};
  unsigned dialect = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_NOHTML;
  int status = md_html(markdown, (MD_SIZE)length, append, &text, dialect, MD_HTML_FLAG_SKIP_UTF8_BOM);
  bool failed = status != 0 || text.failed;
  /* If there is no memory for the result, the raised error leaves the text behind: the program ends with it anyway. */
  if (!failed)
    lua_pushlstring(L, text.bytes ? text.bytes : "", text.length);
  free(text.bytes);
  return failed ? luaL_error(L, "not enough memory to write %I bytes of Markdown as HTML", (lua_Integer)length) : 1;
}

int nn_open_markdown(lua_State *L) {
  static const luaL_Reg functions[] = {{"html", html}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

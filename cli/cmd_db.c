// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

enum leave cmd_db_init(struct cli *cli)
{
    struct why why = {""};
    enum err e = cli_open_store(cli, DB_READ, &why);
    bool was_there = e == ERR_OK;
    if (e == ERR_NOT_FOUND) {
        e = cli_open_store(cli, DB_CREATE, &why);
    }
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_print("%s: %s\n", cli->store, was_there ? "is there already" : "made");
    return LEAVE_DONE;
}

enum leave cmd_db_migrate(struct cli *cli)
{
    struct why why = {""};
    int from = 0;
    int to = 0;
    enum err e = db_migrate(cli->store, &from, &to, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    if (from == to) {
        output_print("%s: version %d, nothing to do\n", cli->store, to);
    } else {
        output_print("%s: brought from version %d to %d\n", cli->store, from, to);
    }
    return LEAVE_DONE;
}

static void complain(void *ctx, const char *complaint)
{
    (void)cli_failf(ctx, "%s", complaint);
}

enum leave cmd_db_check(struct cli *cli)
{
    struct why why = {""};
    enum err e = db_check(cli->db, complain, cli, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_print("%s: sound\n", cli->store);
    return LEAVE_DONE;
}

enum leave cmd_db_backup(struct cli *cli)
{
    struct why why = {""};
    const char *path = cli->args.operands[0];
    enum err e = cli_open_store(cli, DB_COPY, &why); // before `db migrate` it is an older one
    e = e == ERR_OK ? db_backup(cli->db, path, &why) : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_print("%s: copied to ", cli->store);
    output_text(&cli->out, STYLE_NONE, path);
    output_print("\n");
    return LEAVE_DONE;
}

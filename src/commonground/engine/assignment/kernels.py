"""The compiled loops: deferred acceptance, trading cycles, and the search for someone who was passed over.

A priority is one whole number, smaller is better: the class in the high bits, the lottery number in the low ones. In a
block whose seats go first to members, everyone else is pushed behind all members by one more bit.
"""

import numpy as np

from commonground.engine.assignment.market import BLOCKS, MATCHING, OPEN, OTHERS, RETURNS
from commonground.engine.compiled import jit

CLASS_BITS = 32
NOT_A_MEMBER = 1 << 62
EVERYONE = np.int64(2**63 - 1)
NO_ONE = np.int64(-1)


@jit
def _push(keys, who, start, size, key, applicant):  # type: ignore[no-untyped-def]
    """Add a holder to a heap that has its worst holder on top."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[start + above] >= key:
            break
        keys[start + at] = keys[start + above]
        who[start + at] = who[start + above]
        at = above
    keys[start + at] = key
    who[start + at] = applicant


@jit
def _replace_worst(keys, who, start, size, key, applicant):  # type: ignore[no-untyped-def]
    """Put a holder in the place of the worst one."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[start + below + 1] > keys[start + below]:
            below += 1
        if keys[start + below] <= key:
            break
        keys[start + at] = keys[start + below]
        who[start + at] = who[start + below]
        at = below
    keys[start + at] = key
    who[start + at] = applicant


@jit
def _insert_in_order(keys, who, start, size, key, applicant):  # type: ignore[no-untyped-def]
    at = size
    while at > 0 and keys[start + at - 1] > key:
        keys[start + at] = keys[start + at - 1]
        who[start + at] = who[start + at - 1]
        at -= 1
    keys[start + at] = key
    who[start + at] = applicant


@jit
def _needed_for_reserves(masks, seats):  # type: ignore[no-untyped-def]
    """Which of the candidates, best first, hold a reserved seat when as many as possible are honored.

    masks: reserves each candidate may use, as bits. seats: per reserve. Returns the reserve of each, -1 for none.
    """
    count, reserves = masks.size, seats.size
    holds = np.full(count, -1, np.int64)
    used = np.zeros(reserves, np.int64)
    came_from = np.empty(reserves, np.int64)
    moved_by = np.empty(reserves, np.int64)
    is_seen = np.empty(reserves, np.bool_)
    queue = np.empty(reserves, np.int64)
    for candidate in range(count):
        is_seen[:] = False
        head = tail = 0
        for reserve in range(reserves):
            if (masks[candidate] >> reserve) & 1:
                is_seen[reserve] = True
                came_from[reserve], moved_by[reserve] = -1, candidate
                queue[tail] = reserve
                tail += 1
        while head < tail:
            reserve = queue[head]
            head += 1
            if used[reserve] < seats[reserve]:
                used[reserve] += 1
                while reserve >= 0:
                    holds[moved_by[reserve]] = reserve
                    reserve = came_from[reserve]
                break
            for other in range(candidate):
                if holds[other] != reserve:
                    continue
                for free in range(reserves):
                    if (masks[other] >> free) & 1 and not is_seen[free]:
                        is_seen[free] = True
                        came_from[free], moved_by[free] = reserve, other
                        queue[tail] = free
                        tail += 1
    return holds


@jit
def _one_too_many(masks, seats, capacity, is_matching):  # type: ignore[no-untyped-def]
    """Which candidate, best first, has to leave a program that chooses as a whole; -1 when all may stay."""
    count = masks.size
    if is_matching:
        if count <= capacity:
            return -1
        holds = _needed_for_reserves(masks, seats)
        leaves = count - 1
        while holds[leaves] >= 0:
            leaves -= 1
        return leaves
    for ceiling in range(seats.size):
        taken, last = 0, -1
        for candidate in range(count):
            if (masks[candidate] >> ceiling) & 1:
                taken += 1
                last = candidate
        if taken > seats[ceiling]:
            return last
    return count - 1 if count > capacity else -1


@jit
def propose(  # type: ignore[no-untyped-def]
    choices,
    classes,
    members,
    lottery,
    rule,
    capacity,
    first,
    seats,
    kind,
    start,
    position,
    block_of,
    keys,
    who,
    count,
    limit,
):
    """Student-proposing deferred acceptance; returns the number of proposals made.

    choices, classes, members: shape (applicants, choices). lottery: shape (applicants, 1) or (applicants, choices).
    The programs: see `Layout`. The order in which applicants begin changes neither the outcome nor the work.
    Written: position (choice held, or the number of choices when none) and block_of, per applicant.
    keys, who, count, limit are working space, sized as start[-1], start[-1], blocks, blocks.
    """
    ranks = choices.shape[1]
    is_single = lottery.shape[1] == 1
    position[:] = 0
    block_of[:] = -1
    count[:] = 0
    limit[:] = seats
    for program in range(rule.size):
        if rule[program] == BLOCKS:
            for block in range(first[program], first[program + 1]):
                if kind[block] == RETURNS:
                    limit[first[program + 1] - 1] += seats[block]
    proposals = 0
    for beginner in range(choices.shape[0]):
        applicant = beginner
        while applicant >= 0:
            at = position[applicant]
            if at >= ranks or choices[applicant, at] < 0:
                position[applicant] = ranks
                break
            rank_class = classes[applicant, at]
            if rank_class < 0:
                position[applicant] = at + 1
                continue
            proposals += 1
            program = choices[applicant, at]
            key = (np.int64(rank_class) << CLASS_BITS) | np.int64(lottery[applicant, 0 if is_single else at])
            mask = members[applicant, at]
            begin, end = first[program], first[program + 1]
            if rule[program] != BLOCKS:
                home, size = start[begin], count[begin]
                _insert_in_order(keys, who, home, size, key, applicant)
                masks = np.empty(size + 1, np.int64)
                for held in range(size + 1):
                    someone = who[home + held]
                    masks[held] = members[someone, position[someone]]
                leaves = _one_too_many(masks, seats[begin:end], capacity[program], rule[program] == MATCHING)
                if leaves < 0:
                    count[begin] = size + 1
                    break
                applicant = who[home + leaves]
                for held in range(leaves, size):
                    keys[home + held] = keys[home + held + 1]
                    who[home + held] = who[home + held + 1]
                position[applicant] += 1
                continue
            last = end - 1
            for block in range(begin, end):
                is_member = kind[block] == OPEN or (mask >> (block - begin)) & 1
                if not is_member and kind[block] != OTHERS:
                    continue
                here = key if is_member else key | NOT_A_MEMBER
                home, size = start[block], count[block]
                if size < limit[block]:
                    _push(keys, who, home, size, here, applicant)
                    block_of[applicant] = block - begin
                    count[block] = size + 1
                    applicant = -1
                    if kind[block] == RETURNS:
                        limit[last] -= 1
                        if count[last] > limit[last]:
                            count[last] -= 1
                            top = start[last]
                            applicant = who[top]
                            if count[last] > 0:
                                moved = top + count[last]
                                _replace_worst(keys, who, top, count[last], keys[moved], who[moved])
                    break
                if size > 0 and here < keys[home]:
                    block_of[applicant] = block - begin
                    displaced, key = who[home], keys[home] & ~NOT_A_MEMBER
                    _replace_worst(keys, who, home, size, here, applicant)
                    applicant = displaced
                    mask = members[applicant, position[applicant]]
            if applicant >= 0:
                block_of[applicant] = -1
                position[applicant] += 1
    return proposals


@jit
def trade(choices, classes, capacity, list_start, list_who, position):  # type: ignore[no-untyped-def]
    """Top trading cycles; writes the choice each applicant gets, or the number of choices when none.

    list_who[list_start[p]:list_start[p + 1]]: those who ask for program p, best priority first.
    """
    applicants, ranks = choices.shape
    left = capacity.copy()
    head = list_start[:-1].copy()
    is_done = np.zeros(applicants, np.bool_)
    is_on_path = np.zeros(applicants, np.bool_)
    path = np.empty(applicants, np.int64)
    position[:] = 0
    for beginner in range(applicants):
        if is_done[beginner]:
            continue
        path[0], length = beginner, 1
        is_on_path[beginner] = True
        while length > 0:
            applicant = path[length - 1]
            at = position[applicant]
            while at < ranks and (
                choices[applicant, at] < 0 or classes[applicant, at] < 0 or left[choices[applicant, at]] == 0
            ):
                at += 1
            position[applicant] = at
            if at == ranks:
                is_done[applicant] = True
                length -= 1
                continue
            program = choices[applicant, at]
            while is_done[list_who[head[program]]]:
                head[program] += 1
            pointed = list_who[head[program]]
            if not is_on_path[pointed]:
                path[length] = pointed
                is_on_path[pointed] = True
                length += 1
                continue
            while True:
                length -= 1
                trader = path[length]
                is_done[trader] = True
                left[choices[trader, position[trader]]] -= 1
                if trader == pointed:
                    break


@jit
def seat_in_order(placed, place_start, placed_key, placed_mask, first, seats, kind, block_of, cutoff):  # type: ignore[no-untyped-def]
    """Give each program's own applicants their seats again, block by block, without any heap.

    placed: applicants sorted by program and priority; place_start: where each program's begin; placed_key, placed_mask:
    their priority and memberships there. Written: block_of per applicant (-1 when there is no seat) and, per block,
    the priority a newcomer must beat (`EVERYONE` while a seat is free, `NO_ONE` when the block has no seat).
    """
    for program in range(place_start.size - 1):
        begin, end = first[program], first[program + 1]
        lower, upper = place_start[program], place_start[program + 1]
        returned = 0
        for block in range(begin, end):
            room = seats[block] + (returned if block == end - 1 else 0)
            taken, worst = 0, NO_ONE
            for as_member in (True, False):
                if not as_member and kind[block] != OTHERS:
                    continue
                for at in range(lower, upper):
                    if taken == room:
                        break
                    is_member = kind[block] == OPEN or (placed_mask[at] >> (block - begin)) & 1
                    if block_of[placed[at]] >= 0 or bool(is_member) != as_member:
                        continue
                    block_of[placed[at]] = block - begin
                    worst = placed_key[at] if as_member else placed_key[at] | NOT_A_MEMBER
                    taken += 1
            cutoff[block] = EVERYONE if taken < room else worst
            if kind[block] == RETURNS:
                returned += room - taken


@jit
def count_passed_over(choices, classes, members, lottery, position, rule, first, kind, cutoff, example):  # type: ignore[no-untyped-def]
    """How often an applicant would be taken by a program of seat blocks that the applicant prefers to what was given.

    position: choice held, or the number of choices. example: the first such (applicant, choice) is written there.
    """
    is_single = lottery.shape[1] == 1
    found = 0
    for applicant in range(choices.shape[0]):
        for at in range(position[applicant]):
            program, rank_class = choices[applicant, at], classes[applicant, at]
            if program < 0 or rank_class < 0 or rule[program] != BLOCKS:
                continue
            key = (np.int64(rank_class) << CLASS_BITS) | np.int64(lottery[applicant, 0 if is_single else at])
            begin = first[program]
            for block in range(begin, first[program + 1]):
                is_member = kind[block] == OPEN or (members[applicant, at] >> (block - begin)) & 1
                if not is_member and kind[block] != OTHERS:
                    continue
                if (key if is_member else key | NOT_A_MEMBER) < cutoff[block]:
                    if found == 0:
                        example[0], example[1] = applicant, at
                    found += 1
                    break
    return found
